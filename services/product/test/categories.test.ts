import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '@mart/service-kit/ids'
import { customer, fieldsOf, openShop } from './shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
before(async () => {
  shop = await openShop()
})
after(() => shop.stop())

test('a category is added, read by id and slug, changed and deleted', async () => {
  const { status, body, headers } = await shop.call('POST', '/categories', { name: 'Tea & Coffee' })
  assert.deepEqual([status, body.slug, body.parent_id, body.version], [201, 'tea-coffee', null, 1])
  assert.deepEqual([headers.get('etag'), headers.get('location')], ['"1"', `/categories/${body.id}`])
  assert.deepEqual((await shop.http('GET', `/categories/${body.id}`)).body, body)
  assert.deepEqual((await shop.http('GET', '/categories/tea-coffee')).body, body)
  const changed = await shop.call('PATCH', `/categories/${body.id}`, { name: 'Tea' })
  assert.deepEqual(
    [changed.status, changed.body.name, changed.body.slug, changed.body.version],
    [200, 'Tea', 'tea-coffee', 2],
  )
  assert.equal((await shop.call('DELETE', `/categories/${body.id}`)).status, 204)
  assert.equal((await shop.http('GET', `/categories/${body.id}`)).status, 404)
})

test('the tree is listed flat, page by page when asked', async () => {
  const parent = await shop.addCategory('A parent')
  await shop.addCategory('B child', parent.id)
  const { body } = await shop.http('GET', '/categories')
  const child = body.items.find(({ slug }: { slug: string }) => slug === 'b-child')
  assert.deepEqual([child.parent_id, body.next_cursor], [parent.id, null])
  const first = await shop.http('GET', '/categories?limit=1')
  const second = await shop.http('GET', `/categories?limit=1&cursor=${first.body.next_cursor}`)
  assert.deepEqual([...first.body.items, ...second.body.items], body.items.slice(0, 2))
})

test('a given slug that is taken is refused, a made-up one gets a number', async () => {
  await shop.addCategory('Rice')
  assert.equal((await shop.addCategory('Rice')).slug, 'rice-2')
  const { status, body } = await shop.call('POST', '/categories', { name: 'Other', slug: 'rice' })
  assert.deepEqual([status, body.code], [409, 'slug_taken'])
})

test('a category cannot be a part of itself, neither directly nor through others', async () => {
  const top = await shop.addCategory('Top')
  const middle = await shop.addCategory('Middle', top.id)
  const low = await shop.addCategory('Low', middle.id)
  for (const parent_id of [top.id, middle.id, low.id]) {
    const answer = await shop.call('PATCH', `/categories/${top.id}`, { parent_id })
    assert.deepEqual([answer.status, fieldsOf(answer)], [422, ['parent_id own_ancestor']])
  }
  const free = await shop.call('PATCH', `/categories/${low.id}`, { parent_id: null })
  assert.deepEqual([free.status, free.body.parent_id], [200, null])
})

test('two that are put under each other at once do not become a circle', async () => {
  const [one, other] = [await shop.addCategory('One'), await shop.addCategory('Other')]
  const answers = await Promise.all([
    shop.call('PATCH', `/categories/${one.id}`, { parent_id: other.id }),
    shop.call('PATCH', `/categories/${other.id}`, { parent_id: one.id }),
  ])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422])
})

test('a category with products or children is not deleted', async () => {
  const parent = await shop.addCategory('Full')
  const child = await shop.addCategory('Inner', parent.id)
  const { id } = await shop.add({ category_ids: [child.id], status: 'draft' })
  const refused = async (category: { id: string }) => {
    const { status, body } = await shop.call('DELETE', `/categories/${category.id}`)
    return [status, body.code]
  }
  assert.deepEqual(await refused(parent), [409, 'category_has_children'])
  assert.deepEqual(await refused(child), [409, 'category_has_products'])
  await shop.retire(id, 1)
  assert.equal((await shop.call('DELETE', `/categories/${child.id}`)).status, 204)
  assert.equal((await shop.call('DELETE', `/categories/${parent.id}`)).status, 204)
})

test('If-Match is heeded when it is given', async () => {
  const { id } = await shop.addCategory('Versioned')
  const patch = (version: number) =>
    shop.call('PATCH', `/categories/${id}`, { name: `v${version}` }, { 'if-match': `"${version}"` })
  assert.deepEqual([(await patch(1)).status, (await patch(1)).status], [200, 412])
  assert.equal((await shop.call('DELETE', `/categories/${id}`, undefined, { 'if-match': '"1"' })).status, 412)
})

test('faulty input is refused with every faulty field, and only staff may write', async () => {
  const answer = await shop.call('POST', '/categories', { name: '', slug: 'A b', parent_id: 'x', colour: 1 })
  assert.deepEqual(
    [answer.status, fieldsOf(answer)],
    [
      422,
      ['colour unknown_field', 'name pattern', 'parent_id anyOf', 'parent_id format', 'parent_id type', 'slug pattern'],
    ],
  )
  const orphan = await shop.call('POST', '/categories', { name: 'Orphan', parent_id: newId() })
  assert.deepEqual([orphan.status, fieldsOf(orphan)], [422, ['parent_id unknown_category']])
  assert.equal((await shop.call('PATCH', `/categories/${newId()}`, { name: 'x' })).status, 404)
  assert.equal((await shop.call('DELETE', `/categories/${newId()}`)).status, 404)
  assert.equal((await shop.http('POST', '/categories', { body: { name: 'x' } })).status, 401)
  assert.equal((await shop.http('POST', '/categories', { body: { name: 'x' }, as: customer })).status, 403)
})

test('the same Idempotency-Key adds one category', async () => {
  const headers = { 'idempotency-key': newId() }
  const first = await shop.call('POST', '/categories', { name: 'Once' }, headers)
  const second = await shop.call('POST', '/categories', { name: 'Once' }, headers)
  assert.deepEqual([second.status, second.body], [201, first.body])
})
