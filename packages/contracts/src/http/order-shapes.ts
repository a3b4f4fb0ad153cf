import { type Static, Type } from 'typebox'
import { CurrencyCode } from '../currencies.ts'
import { Contact, ShippingAddress } from '../events/shared-shapes.ts'
import { Language } from '../language.ts'
import { Money, MoneyInput } from '../money.ts'
import { names } from '../names.ts'
import { PaymentMethod } from '../payment-methods.ts'
import { Sku } from '../sku.ts'
import { CartId } from './cart-shapes.ts'
import { Nullable } from './shared-shapes.ts'
import { Country, Email, emptyOrLine, line, Phone, text } from './text-shapes.ts'

export const AddressInput = Type.Object(
  {
    name: line(200),
    line1: line(200),
    line2: Type.Optional(emptyOrLine(200)),
    city: line(100),
    region: Type.Optional(emptyOrLine(100)),
    postal_code: Type.Optional(emptyOrLine(20)),
    country: Country,
    phone: Phone,
  },
  { additionalProperties: false },
)

const ContactInput = Type.Object(
  {
    name: Type.Optional(line(200)),
    email: Type.Optional(Email),
    phone: Type.Optional(Phone),
    language: Type.Optional(
      Type.Enum(Language.enum, {
        description:
          'of mails and pages about it; left out, the account’s, as the token says it, and en of a guest: what a program sends as Accept-Language is nobody’s choice',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'whom to write to: of a guest name, email and phone are needed; else what is left out is the account’s',
  },
)

export const OrderInput = Type.Object(
  {
    lines: Type.Array(
      Type.Object({ sku: Sku, quantity: Type.Integer({ minimum: 1, maximum: 999 }) }, { additionalProperties: false }),
      { minItems: 1, maxItems: 100 },
    ),
    currency: CurrencyCode,
    payment_method: PaymentMethod,
    shipping_address: AddressInput,
    contact: Type.Optional(ContactInput),
    note: Type.Optional(text(1_000)),
    expected_total: Type.Optional(MoneyInput),
    cart: Type.Optional(
      Type.Union(CartId.anyOf, {
        description:
          'that it comes from: what is ordered leaves it with the order, and what it does not hold, or shows as sold out, is not ordered from it; one that is not there does not matter',
      }),
    ),
  },
  { additionalProperties: false },
)
export type OrderInput = Static<typeof OrderInput>

const OrderLine = Type.Object({
  sku: Type.String(),
  ...names,
  quantity: Type.Integer(),
  unit_price: Money,
  total: Money,
})

export const orderStatuses = [
  'placed',
  'awaiting_payment',
  'confirmed',
  'cancelling',
  'cancelled',
  'shipped',
  'delivered',
  'undelivered',
] as const
export const OrderStatus = Type.Enum(orderStatuses)

export const OrderShape = Type.Object({
  id: Type.String(),
  number: Type.String(),
  status: OrderStatus,
  customer_id: Nullable(Type.String()),
  currency: Type.String(),
  lines: Type.Array(OrderLine),
  subtotal: Money,
  shipping: Money,
  tax: Money,
  discount: Money,
  total: Money,
  payment_method: PaymentMethod,
  payment: Type.Object({
    status: Type.String(),
    action: Nullable(Type.Object({ type: Type.Literal('redirect'), url: Type.String() })),
    refunded: Type.Object(Money.properties, { description: 'what has been sent back in all' }),
  }),
  contact: Contact,
  shipping_address: ShippingAddress,
  note: Nullable(Type.String()),
  holds: Type.Array(Type.String()),
  cancel_reason: Nullable(Type.String()),
  missing: Type.Array(Type.Object({ sku: Type.String(), ...names })),
  shipment: Nullable(Type.Object({ carrier: Type.String(), tracking_number: Type.String() })),
  placed_at: Type.String(),
  updated_at: Type.String(),
  payment_due_at: Nullable(Type.String()),
})
export type OrderShape = Static<typeof OrderShape>

export const PlacedOrderShape = Type.Object({
  ...OrderShape.properties,
  guest_token: Type.Optional(
    Type.String({ description: 'to who has no account: Authorization: Guest <it> reads, pays and cancels this order' }),
  ),
})

export const ClaimedShape = Type.Object({
  claimed: Type.Integer({ description: 'orders that became his just now; at 500 there may be more' }),
})

export const OrderHistory = Type.Object({
  items: Type.Array(
    Type.Object({
      n: Type.Integer(),
      status: OrderStatus,
      what: Type.String({ description: 'what happened; an event that moved nothing is here too' }),
      at: Type.String(),
      reason: Type.Optional(Type.String()),
      translations: Type.Optional(
        Type.Object(
          { ur: Type.Optional(Type.Object({ reason: Type.Optional(Type.String()) })) },
          { description: 'the reason in other languages than English, where it names goods' },
        ),
      ),
      cause: Nullable(Type.Object({ event_id: Type.String(), type: Type.String() })),
      by: Type.Object(
        { who: Type.String(), id: Nullable(Type.String()) },
        {
          description:
            'for staff: customer, guest, staff or admin with the id; for the buyer: you or shop; system: events and clocks',
        },
      ),
    }),
  ),
})

export type OrderHistory = Static<typeof OrderHistory>

export const CancelInput = Type.Object({ reason: Type.Optional(text(500)) }, { additionalProperties: false })
export const PaymentChoiceInput = Type.Object({ payment_method: PaymentMethod }, { additionalProperties: false })
export const ShipmentInput = Type.Object(
  { carrier: line(100), tracking_number: line(100) },
  { additionalProperties: false, description: 'the customer reads both, as they are written' },
)
export const DeliveryInput = Type.Object({ collected: Type.Optional(MoneyInput) }, { additionalProperties: false })
export const DeliveryFailureInput = Type.Object(
  {
    reason: Type.String({
      ...text(500, 1),
      description: 'the customer reads it, as it is written: in a mail and in the history of the order',
    }),
  },
  { additionalProperties: false },
)
