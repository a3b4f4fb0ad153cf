import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

interface Part {
  readonly image?: string
  readonly ports?: readonly string[]
  readonly mem_limit?: string
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
}

const text = readFileSync(join(import.meta.dirname, '../compose.observe.yaml'), 'utf8')
const { services } = parse(text, { merge: true }) as { services: Record<string, Part> }
const own = Object.entries(services).filter(([, { image }]) => image !== undefined)

test('what stands beside the mart in containers is pinned, bounded, closed, and on this machine only', () => {
  assert.ok(own.length >= 7)
  for (const [name, part] of own) {
    assert.match(part.image ?? '', /:v?\d+\.\d+/, `${name} has a version`)
    for (const port of part.ports ?? []) assert.ok(port.startsWith('127.0.0.1:'), `${name} is published at ${port}`)
    assert.match(part.mem_limit ?? '', /^\d+m$/, `${name} has a limit`)
    assert.equal(part.restart, 'unless-stopped', name)
    assert.equal(part.read_only, true, name)
    assert.deepEqual(part.cap_drop, ['ALL'], name)
    assert.deepEqual(part.security_opt, ['no-new-privileges:true'], name)
  }
})

test('no service of the mart waits for any of it', () => {
  const names = own.map(([name]) => name)
  for (const [name, { image, ...part }] of Object.entries(services)) {
    if (image !== undefined) continue
    const awaited = Object.keys((part as { depends_on?: object }).depends_on ?? {})
    assert.deepEqual(
      awaited.filter((one) => names.includes(one)),
      [],
      name,
    )
  }
})
