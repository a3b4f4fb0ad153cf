import { type Static, Type } from 'typebox'

export const ImportQuery = Type.Object(
  {
    dry_run: Type.Optional(Type.Boolean({ description: 'true: tell what would change, and change nothing' })),
    similar_skus: Type.Optional(
      Type.Enum(['skip', 'create'], {
        description:
          'a new SKU that differs from one there only by zeros that a spreadsheet drops (000123 and 123, 1.10 and 1.1) ' +
          'is left out with a warning, or with "create" added all the same',
      }),
    ),
  },
  { additionalProperties: false },
)

const RowNumber = Type.Integer({ description: 'as a spreadsheet counts: the header is row 1' })

export const ImportResult = Type.Object({
  dry_run: Type.Boolean(),
  products_created: Type.Integer(),
  products_updated: Type.Integer(),
  products_unchanged: Type.Integer(),
  variants_created: Type.Integer(),
  variants_updated: Type.Integer(),
  rows_skipped: Type.Integer({ description: 'because of what the warnings say' }),
  warnings: Type.Array(
    Type.Object({ row: RowNumber, sku: Type.String(), code: Type.Enum(['similar_sku']), message: Type.String() }),
    { description: 'the first 100' },
  ),
  rows: Type.Optional(
    Type.Array(
      Type.Object({
        row: RowNumber,
        sku: Type.String(),
        product: Type.String({ description: 'its slug' }),
        change: Type.Enum(['created', 'updated']),
        fields: Type.Array(Type.Object({ column: Type.String(), before: Type.String(), after: Type.String() })),
      }),
      { description: 'of a dry run: the first 1,000 rows that would change something' },
    ),
  ),
  rows_left_out: Type.Optional(Type.Integer({ description: 'of a dry run: further such rows' })),
})
export type ImportResult = Static<typeof ImportResult>
