import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openShop } from './shop.ts'

test('pictures are served from their folder, kept long, and nothing beside it is', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'product-images-'))
  const folder = join(outside, 'pictures')
  await mkdir(folder)
  await writeFile(join(folder, 'tea.svg'), '<svg/>')
  await writeFile(join(outside, 'secret.txt'), 'secret')
  const shop = await openShop({ PRODUCT_IMAGES_DIR: folder })
  try {
    const { status, body, headers } = await shop.http('GET', '/images/tea.svg')
    assert.deepEqual([status, body, headers.get('content-type')], [200, '<svg/>', 'image/svg+xml'])
    assert.equal(headers.get('cache-control'), 'public, max-age=2592000')
    for (const path of ['/images/none.svg', '/images/', '/images/..%2fsecret.txt', '/images/%2e%2e/secret.txt']) {
      const answer = await shop.http('GET', path)
      assert.notEqual(answer.body, 'secret')
      assert.ok([403, 404].includes(answer.status), path)
    }
  } finally {
    await shop.stop()
    await rm(outside, { recursive: true })
  }
})
