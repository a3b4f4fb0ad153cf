import { type Static, Type } from 'typebox'
import { Money } from '../money.ts'
import { names } from '../names.ts'
import { defineEvent, type Topic } from './define-event.ts'
import { Id } from './shared-shapes.ts'

export const productsTopic: Topic = { name: 'mart.products', producer: 'product', retention: 'forever' }

/** The whole product: a hearer ignores a version not above the one it has. */
const product = Type.Object({
  product_id: Id,
  version: Type.Integer({ minimum: 1 }),
  slug: Type.String(),
  ...names,
  category_slugs: Type.Array(Type.String()),
  image_urls: Type.Array(Type.String()),
  variants: Type.Array(
    Type.Object({
      sku: Type.String(),
      ...names,
      prices: Type.Array(Money),
      max_quantity: Type.Optional(
        Type.Integer({ minimum: 1, description: 'most of it in one order, when it has such' }),
      ),
    }),
  ),
})
export type PublishedProduct = Static<typeof product>

export const ProductPublished = defineEvent({
  type: 'product.published',
  version: 1,
  topic: productsTopic,
  key: 'product_id',
  data: product,
})

export const ProductChanged = defineEvent({
  type: 'product.changed',
  version: 1,
  topic: productsTopic,
  key: 'product_id',
  data: product,
})

/** No longer for sale: retired, or taken back to a draft. */
export const ProductRetired = defineEvent({
  type: 'product.retired',
  version: 1,
  topic: productsTopic,
  key: 'product_id',
  data: product,
})
