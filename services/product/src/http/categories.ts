import { CategoryChanges, CategoryView, NewCategory } from '@mart/contracts/http/product-shapes'
import { TextsQuery } from '@mart/contracts/http/product-texts'
import { Nothing, Page, problems } from '@mart/contracts/http/shared-shapes'
import type { Language } from '@mart/contracts/language'
import { nameFor } from '@mart/contracts/names'
import { notFound } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { isUuid } from '@mart/service-kit/ids'
import { cursorFor, pageOf, readCursor } from '@mart/service-kit/pagination'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import { Type } from 'typebox'
import type { Category } from '../category.ts'
import { findCategory, findCategoryBySlug, listCategories } from '../category-queries.ts'
import type { Config } from '../config.ts'
import { translationsOf } from '../translations.ts'
import { changeCategory } from '../use-cases/change-category.ts'
import { createCategory } from '../use-cases/create-category.ts'
import { deleteCategory } from '../use-cases/delete-category.ts'
import { etagOf, versionsFrom } from '../version.ts'
import { IdOrSlugParams, IdParams, IfMatch } from './params.ts'

const tags = ['categories']
const ListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 1_000 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
    ...TextsQuery.properties,
  },
  { additionalProperties: false },
)

export function addCategoryRoutes(app: App, { db }: Service<Config>): void {
  const staff = { onRequest: app.staffOnly }

  app.get(
    '/categories',
    { schema: { tags, querystring: ListQuery, response: { 200: Page(CategoryView) } } },
    async ({ query: { limit = 1_000, cursor, language } }) => {
      const [afterSlug] = readCursor(cursor, ['string']) ?? ['']
      const rows = await listCategories(db, String(afterSlug), limit + 1)
      const { items, next_cursor } = pageOf(rows, limit, (row) => cursorFor(row.slug))
      return { items: items.map((category) => viewOf(category, language)), next_cursor }
    },
  )

  app.get(
    '/categories/:id',
    { schema: { tags, params: IdOrSlugParams, querystring: TextsQuery, response: { 200: CategoryView } } },
    async ({ params: { id }, query: { language } }, reply) => {
      const category = isUuid(id) ? await findCategory(db, { id }) : await findCategoryBySlug(db, id)
      if (!category) throw notFound('category')
      reply.header('etag', etagOf(category.version))
      return viewOf(category, language)
    },
  )

  app.post(
    '/categories',
    { ...staff, schema: { tags, body: NewCategory, response: { 201: CategoryView } } },
    async (request, reply) => {
      const category = await runIdempotently({ db, request, reply, status: 201 }, async (tx) =>
        viewOf(await createCategory(tx, request.body)),
      )
      reply.header('etag', etagOf(category.version)).header('location', `/categories/${category.id}`)
      return category
    },
  )

  app.patch(
    '/categories/:id',
    {
      ...staff,
      schema: {
        tags,
        params: IdParams,
        headers: IfMatch,
        body: CategoryChanges,
        response: { 200: CategoryView, ...problems(409, 412) },
      },
    },
    async ({ params: { id }, headers, body: changes }, reply) => {
      const versions = versionsFrom(headers['if-match']) ?? 'any'
      const category = await inTransaction(db, (tx) => changeCategory(tx, { id, versions, changes }))
      reply.header('etag', etagOf(category.version))
      return viewOf(category)
    },
  )

  app.delete(
    '/categories/:id',
    {
      ...staff,
      schema: { tags, params: IdParams, headers: IfMatch, response: { 204: Nothing, ...problems(409, 412) } },
    },
    async ({ params: { id }, headers }, reply) => {
      const versions = versionsFrom(headers['if-match']) ?? 'any'
      await inTransaction(db, (tx) => deleteCategory(tx, { id, versions }))
      return reply.code(204).send(null)
    },
  )
}

const viewOf = ({ translations, ...category }: Category, language: Language = 'en'): CategoryView => ({
  ...category,
  ...nameFor(language, { ...category, translations }),
  ...(language === 'en' ? translationsOf(translations) : {}),
  created_at: category.created_at.toISOString(),
  updated_at: category.updated_at.toISOString(),
})
