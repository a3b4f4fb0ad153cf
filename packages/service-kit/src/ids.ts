import { v7, validate } from 'uuid'

/** A new UUID version 7: they grow with time, so an index of them is written at its end. */
export const newId = (): string => v7()

export const isUuid = (text: string): boolean => validate(text)
