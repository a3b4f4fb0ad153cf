import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSixServices } from './six-services.ts'

let mart: Awaited<ReturnType<typeof startSixServices>> | undefined
before(async () => {
  mart = await startSixServices()
})
after(() => mart?.stop())

interface Schema {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly properties?: Record<string, Schema>
  readonly anyOf?: Schema[]
}

/** Where a schema of something that is sent to us lets through more than we said. */
function unbounded(schema: Schema, where: string): string[] {
  const { type, properties = {}, anyOf, items, pattern, format } = schema
  if (anyOf) return anyOf.flatMap((form) => unbounded(form, where))
  if (schema['enum'] || schema['const'] !== undefined || type === 'null' || type === 'boolean') return []
  if (type === 'integer' || type === 'number')
    return schema['minimum'] !== undefined && schema['maximum'] !== undefined ? [] : [`${where}: no minimum or maximum`]
  if (type === 'string') {
    const isShort = ['uuid', 'date', 'date-time'].includes(String(format)) || hasEnd(pattern)
    return schema['maxLength'] !== undefined || isShort ? [] : [`${where}: no maxLength`]
  }
  if (type === 'array')
    return [
      ...(schema['maxItems'] === undefined ? [`${where}: no maxItems`] : []),
      ...unbounded(items as Schema, `${where}[]`),
    ]
  if (type === 'object') {
    const others = Object.values((schema['patternProperties'] ?? {}) as Record<string, Schema>)
    const isClosed = schema['additionalProperties'] === false && others.length === 0
    return [
      ...(isClosed || schema['maxProperties'] !== undefined ? [] : [`${where}: no maxProperties`]),
      ...Object.entries(properties).flatMap(([name, part]) => unbounded(part, `${where}.${name}`)),
      ...others.flatMap((part) => unbounded(part, `${where}.*`)),
    ]
  }
  return [`${where}: takes anything`]
}

const hasEnd = (pattern: unknown) =>
  typeof pattern === 'string' && !/[*+]|\{\d+,\}/.test(pattern.replace(/\\.|\[[^\]]*\]/g, 'x'))

test('everything that may be sent to a service has an end: arrays, objects, texts and numbers', async () => {
  let seen = 0
  const found: string[] = []
  for (const { name, http } of mart?.services ?? []) {
    const { body: document } = await http('GET', '/openapi.json')
    for (const [path, methods] of Object.entries<Record<string, Schema>>(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const bodies = (operation['requestBody'] as { content: Record<string, { schema: Schema }> } | undefined)
          ?.content
        const parameters = (operation['parameters'] ?? []) as { name: string; in: string; schema: Schema }[]
        const where = `${name} ${method} ${path}`
        for (const { schema } of Object.values(bodies ?? {})) found.push(...unbounded(schema, `${where} body`))
        for (const { name, schema, in: place } of parameters)
          if (place !== 'path') found.push(...unbounded(schema, `${where} ${name}`))
        seen += 1
      }
    }
  }
  assert.ok(seen > 50, `${seen} operations`)
  assert.deepEqual(found, [])
})
