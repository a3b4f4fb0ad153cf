import { type Static, Type } from 'typebox'
import { CurrencyCode } from '../currencies.ts'
import { Availability } from '../events/inventory-events.ts'
import { Language } from '../language.ts'
import { Money } from '../money.ts'
import { Sku } from '../sku.ts'
import { Nullable } from './shared-shapes.ts'

/** What a cart, and an order, has at most. */
export const MOST_LINES = 100

/** Any number that somebody may type: what there may be of a SKU is its max_quantity, which a refusal tells. */
const ofPieces = { maximum: 999_999_999 }

export const CartInput = Type.Object({ currency: CurrencyCode }, { additionalProperties: false })
export const CartLineInput = Type.Object(
  {
    quantity: Type.Integer({
      ...ofPieces,
      minimum: 0,
      description: 'of this SKU in all, max_quantity at most; 0 takes the line out',
    }),
  },
  { additionalProperties: false },
)
export const CartAddInput = Type.Object(
  {
    quantity: Type.Integer({
      ...ofPieces,
      minimum: 1,
      description: 'so many more of this SKU, with what is there max_quantity at most',
    }),
  },
  { additionalProperties: false },
)

export const CartLinesInput = Type.Object(
  {
    lines: Type.Array(Type.Object({ sku: Sku, ...CartLineInput.properties }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: MOST_LINES,
      description: 'of a SKU that is named twice, the last one counts',
    }),
  },
  { additionalProperties: false },
)

const CartSecret = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$', 'x-must': 'must be the id of a cart' })

export const CartId = Type.Union([Type.Literal('mine'), Type.String({ format: 'uuid' }), CartSecret], {
  description: 'an anonymous cart’s id as it was given when it was made; mine, or its UUID: a customer’s own',
})

export const CartParams = Type.Object({ id: CartId })
export type CartParams = Static<typeof CartParams>
export const NewCartParams = Type.Object({
  id: Type.Union([Type.Literal('mine'), CartSecret], {
    description: 'mine; or 256 random bits as base64url, which nobody else can guess',
  }),
})
export type NewCartParams = Static<typeof NewCartParams>
export const CartLineParams = Type.Object({ ...CartParams.properties, sku: Sku })
export type CartLineParams = Static<typeof CartLineParams>

export const CartChange = Type.Object({
  code: Type.Enum(
    ['price_rose', 'price_fell', 'only_left', 'too_many', 'out', 'no_longer_sold', 'not_in_this_currency'],
    {
      description:
        'a price that is another than was seen, until it is (POST …/seen, or the line is put anew); the others stand in the way of an order as long as they hold',
    },
  ),
  was: Type.Optional(Type.Object({ ...Money.properties }, { description: 'the price that was seen' })),
  left: Type.Optional(Type.Integer({ minimum: 0, description: 'with only_left: so many are there' })),
})
export type CartChange = Static<typeof CartChange>

export const CartQuery = Type.Object(
  {
    language: Type.Optional(
      Type.Enum(Language.enum, { description: 'ur: names in Urdu where there are such; each says in which it is' }),
    ),
  },
  { additionalProperties: false },
)

export const CartLineShape = Type.Object({
  sku: Type.String(),
  name: Type.String({ description: 'of the product; where that is not known apart, with its variant' }),
  name_language: Type.Enum(Language.enum),
  variant_name: Type.Optional(Type.String()),
  variant_name_language: Type.Optional(Type.Enum(Language.enum)),
  product_id: Type.Optional(Type.String()),
  product_slug: Type.Optional(Type.String()),
  image_url: Type.Optional(Type.String()),
  quantity: Type.Integer(),
  unit_price: Nullable(Money),
  total: Nullable(Money),
  max_quantity: Type.Integer({ description: 'so many an order may have' }),
  availability: Type.Optional(Availability),
  changes: Type.Array(CartChange),
})

export const CartShape = Type.Object({
  id: Type.String(),
  currency: Type.String(),
  lines: Type.Array(CartLineShape),
  subtotal: Type.Object({ ...Money.properties }, { description: 'of the lines that have a price' }),
  shipping: Money,
  free_shipping_from: Nullable(Money),
  missing_to_free_shipping: Nullable(Money),
  total: Money,
  can_order: Type.Boolean({ description: 'there is something, and nothing stands in the way' }),
  updated_at: Type.String(),
})
export type CartShape = Static<typeof CartShape>
