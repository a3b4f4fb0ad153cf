import { type Static, Type } from 'typebox'
import { CurrencyCode } from '../currencies.ts'
import { Money, MoneyInput } from '../money.ts'
import { Sku } from '../sku.ts'
import {
  CategoryTranslations,
  ImageUrl,
  LanguageQuery,
  line,
  Options,
  ProductTranslations,
  TextLanguage,
  text,
  VariantTranslations,
} from './product-texts.ts'
import { Nullable, Page, pageQuery } from './shared-shapes.ts'

const uuidShape = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** Never shaped like an id, so that `/products/{id or slug}` is never in doubt. */
export const Slug = Type.String({
  maxLength: 100,
  pattern: `^(?!${uuidShape}$)[a-z0-9]+(-[a-z0-9]+)*$`,
  'x-must': 'must be small letters a to z and digits, with single hyphens inside, and not shaped like an id',
  examples: ['tapal-danedar'],
})
export const Availability = Type.Enum(['in_stock', 'low', 'out'])
export type Availability = Static<typeof Availability>

const maxQuantity = Nullable(
  Type.Integer({ minimum: 1, maximum: 999, description: "most of it in one order; null: the shop's MAX_QUANTITY" }),
)

const variantFields = {
  sku: Sku,
  name: line(200),
  prices: Type.Array(Money, { minItems: 1, maxItems: 20 }),
}

export const NewVariant = Type.Object(
  {
    ...variantFields,
    prices: Type.Array(MoneyInput, { minItems: 1, maxItems: 20 }),
    options: Type.Optional(Options),
    max_quantity: Type.Optional(maxQuantity),
    translations: Type.Optional(VariantTranslations),
  },
  closed(),
)
export type NewVariant = Static<typeof NewVariant>

export const NewProduct = Type.Object(
  {
    name: line(200),
    slug: Type.Optional(Slug),
    description: Type.Optional(text(10_000)),
    status: Type.Optional(Type.Enum(['draft', 'published'], { description: 'draft when not given' })),
    category_ids: Type.Optional(Type.Array(Type.String({ format: 'uuid' }), { maxItems: 20, uniqueItems: true })),
    image_urls: Type.Optional(Type.Array(ImageUrl, { maxItems: 20 })),
    translations: Type.Optional(ProductTranslations),
    variants: Type.Array(NewVariant, { minItems: 1, maxItems: 100 }),
  },
  closed(),
)
export type NewProduct = Static<typeof NewProduct>

/** Every field may be left out; `variants` is the whole new list, and a SKU that is not in it is retired for good. */
export const ProductChanges = Type.Partial(NewProduct, closed())
export type ProductChanges = Static<typeof ProductChanges>

const Id = Type.String({ format: 'uuid' })
const Time = Type.String({ format: 'date-time' })

export const ProductView = Type.Object({
  id: Id,
  slug: Type.String(),
  name: Type.String(),
  name_language: TextLanguage,
  description: Type.String(),
  description_language: TextLanguage,
  status: Type.Enum(['draft', 'published', 'retired']),
  categories: Type.Array(
    Type.Object({ id: Id, slug: Type.String(), name: Type.String(), name_language: TextLanguage }),
  ),
  image_urls: Type.Array(Type.String()),
  variants: Type.Array(
    Type.Object({
      id: Id,
      ...variantFields,
      name_language: TextLanguage,
      options: Type.Record(Type.String(), Type.String()),
      max_quantity: maxQuantity,
      availability: Availability,
      translations: Type.Optional(VariantTranslations),
    }),
  ),
  translations: Type.Optional(ProductTranslations),
  version: Type.Integer(),
  created_at: Time,
  updated_at: Time,
})
export type ProductView = Static<typeof ProductView>

const price = Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))

export const ProductsQuery = Type.Object(
  {
    q: Type.Optional(Type.String({ maxLength: 200, description: 'forgives typing errors' })),
    category: Type.Optional(Type.String({ ...Slug, description: 'its slug; what is below it counts as in it' })),
    currency: Type.Optional(Type.Enum(CurrencyCode.enum, { description: 'of the price filters and sorting' })),
    min_price: price,
    max_price: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "some variant's price lies between the two",
      }),
    ),
    availability: Type.Optional(
      Type.Array(Availability, { maxItems: 3, description: "of the product's best variant; may be repeated" }),
    ),
    status: Type.Optional(Type.Enum(['draft', 'published', 'retired'], { description: 'for staff' })),
    sort: Type.Optional(
      Type.Enum(['relevance', 'newest', 'price', '-price', 'name'], {
        description: 'name: the one that is shown; in Urdu, what has none there comes last, by its English one',
      }),
    ),
    language: LanguageQuery,
    facets: Type.Optional(Type.Boolean()),
    ...pageQuery,
  },
  closed(),
)
export type ProductsQuery = Static<typeof ProductsQuery>

export const Facets = Type.Object({
  categories: Type.Array(
    Type.Object({ slug: Type.String(), name: Type.String(), name_language: TextLanguage, count: Type.Integer() }),
  ),
  price: Nullable(Type.Object({ min: Type.Integer(), max: Type.Integer() })),
})
export type Facets = Static<typeof Facets>

export const MOST_SLUGS = 5_000

export const SlugsQuery = Type.Object(
  { after_slug: Type.Optional(Type.String({ ...Slug, description: 'the last slug of the page before' })) },
  { additionalProperties: false },
)
export type SlugsQuery = Static<typeof SlugsQuery>

export const SlugsPage = Type.Object({
  items: Type.Array(Type.Object({ slug: Type.String(), updated_at: Type.String() }), {
    maxItems: MOST_SLUGS,
    description: 'fewer than that on the last page',
  }),
})
export type SlugsPage = Static<typeof SlugsPage>

export const ProductsPage = Type.Object({ ...Page(ProductView).properties, facets: Type.Optional(Facets) })

export const NewCategory = Type.Object(
  {
    name: line(100),
    slug: Type.Optional(Slug),
    parent_id: Type.Optional(Nullable(Id)),
    translations: Type.Optional(CategoryTranslations),
  },
  closed(),
)
export type NewCategory = Static<typeof NewCategory>

/** A category's slug stays: it is in people's bookmarks and in events that have been said. */
export const CategoryChanges = Type.Object(
  {
    name: Type.Optional(line(100)),
    parent_id: Type.Optional(Nullable(Id)),
    translations: Type.Optional(CategoryTranslations),
  },
  closed(),
)
export type CategoryChanges = Static<typeof CategoryChanges>

export const CategoryView = Type.Object({
  id: Id,
  slug: Type.String(),
  name: Type.String(),
  name_language: TextLanguage,
  parent_id: Nullable(Id),
  translations: Type.Optional(CategoryTranslations),
  version: Type.Integer(),
  created_at: Time,
  updated_at: Time,
})
export type CategoryView = Static<typeof CategoryView>

function closed() {
  return { additionalProperties: false } as const
}
