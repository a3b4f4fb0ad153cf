import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits that let whoever shows them at one thing; base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** As a secret is kept: who reads the database cannot use it. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
