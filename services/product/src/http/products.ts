import { NewProduct, ProductChanges, ProductView } from '@mart/contracts/http/product-shapes'
import { TextsQuery } from '@mart/contracts/http/product-texts'
import { Nothing, problems } from '@mart/contracts/http/shared-shapes'
import type { Language } from '@mart/contracts/language'
import { inBatches } from '@mart/service-kit/batches'
import { notFound } from '@mart/service-kit/errors'
import type { App } from '@mart/service-kit/http-server'
import { runIdempotently } from '@mart/service-kit/idempotency'
import { isUuid } from '@mart/service-kit/ids'
import { isStaff } from '@mart/service-kit/people'
import { inTransaction } from '@mart/service-kit/postgres'
import type { Service } from '@mart/service-kit/start-service'
import type { Config } from '../config.ts'
import { findProducts, findProductsBySlug } from '../product-queries.ts'
import { changeProduct } from '../use-cases/change-product.ts'
import { createProduct } from '../use-cases/create-product.ts'
import { retireProduct } from '../use-cases/retire-product.ts'
import { etagOf, requiredVersions } from '../version.ts'
import { IdOrSlugParams, IdParams, IfMatch } from './params.ts'

const tags = ['products']
/** A hundred variants with their texts and prices. */
const bodyLimit = 1024 * 1024

export function addProductRoutes(app: App, { db }: Service<Config>): void {
  const staff = { onRequest: app.staffOnly }
  const atOnce = { mostItems: 100, mostAtOnce: 2, mostWaiting: 10_000 }
  const finding = (language: Language) => ({
    byId: inBatches({ ...atOnce, run: (ids: readonly string[]) => findProducts(db, ids, language) }),
    bySlug: inBatches({ ...atOnce, run: (slugs: readonly string[]) => findProductsBySlug(db, slugs, language) }),
  })
  const findingIn = { en: finding('en'), ur: finding('ur') }

  app.get(
    '/products/:id',
    {
      onRequest: app.maybeSignedIn,
      schema: { tags, params: IdOrSlugParams, querystring: TextsQuery, response: { 200: ProductView } },
    },
    async ({ params: { id }, query: { language = 'en' }, person }, reply) => {
      const { byId, bySlug } = findingIn[language]
      const found = await (isUuid(id) ? byId(id.toLowerCase()) : bySlug(id))
      if (!found || (found.status !== 'published' && !isStaff(person))) throw notFound('product')
      reply.type('application/json; charset=utf-8').header('etag', etagOf(found.version))
      return found.document as never
    },
  )

  app.post(
    '/products',
    { ...staff, bodyLimit, schema: { tags, body: NewProduct, response: { 201: ProductView } } },
    async (request, reply) => {
      const product = await runIdempotently({ db, request, reply, status: 201 }, (tx) =>
        createProduct(tx, request.body),
      )
      reply.header('etag', etagOf(product.version)).header('location', `/products/${product.id}`)
      return product
    },
  )

  app.patch(
    '/products/:id',
    {
      ...staff,
      bodyLimit,
      schema: {
        tags,
        params: IdParams,
        headers: IfMatch,
        body: ProductChanges,
        response: { 200: ProductView, ...problems(409, 412, 428) },
      },
    },
    async ({ params: { id }, headers, body: changes }, reply) => {
      const versions = requiredVersions(headers['if-match'])
      const product = await inTransaction(db, (tx) => changeProduct(tx, { id, versions, changes }))
      reply.header('etag', etagOf(product.version))
      return product
    },
  )

  app.delete(
    '/products/:id',
    {
      ...staff,
      schema: { tags, params: IdParams, headers: IfMatch, response: { 204: Nothing, ...problems(412, 428) } },
    },
    async ({ params: { id }, headers }, reply) => {
      const versions = requiredVersions(headers['if-match'])
      await inTransaction(db, (tx) => retireProduct(tx, { id, versions }))
      return reply.code(204).send(null)
    },
  )
}
