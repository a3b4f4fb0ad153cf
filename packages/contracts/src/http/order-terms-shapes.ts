import { type Static, Type } from 'typebox'
import { Money } from '../money.ts'

export const OrderTermsShape = Type.Object({
  delivery: Type.Array(
    Type.Object({
      charge: Type.Object({ ...Money.properties }, { description: 'of one order, whatever is in it' }),
      free_from: Type.Union([Money, Type.Null()], {
        description: 'the sum of the goods from which it costs nothing; null: it never does',
      }),
    }),
  ),
  max_quantity: Type.Integer({
    description: 'pieces of one SKU in one order, unless its variant says another number',
  }),
  return_days: Type.Integer({ description: 'so long after its delivery something can be sent back; 0: nothing can' }),
})
export type OrderTermsShape = Static<typeof OrderTermsShape>
