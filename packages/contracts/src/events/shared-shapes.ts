import { type Static, Type } from 'typebox'

export const Id = Type.String({ format: 'uuid' })
export const Time = Type.String({ format: 'date-time' })

/** Whom to write to about an order: personal data, so it travels in order events only. */
export const Contact = Type.Object({
  name: Type.String(),
  email: Type.String(),
  phone: Type.Union([Type.String(), Type.Null()]),
  language: Type.String(),
})
export type Contact = Static<typeof Contact>

export const ShippingAddress = Type.Object({
  name: Type.String(),
  line1: Type.String(),
  line2: Type.Optional(Type.String()),
  city: Type.String(),
  region: Type.Optional(Type.String()),
  postal_code: Type.Optional(Type.String()),
  country: Type.String(),
  phone: Type.String(),
})
export type ShippingAddress = Static<typeof ShippingAddress>
