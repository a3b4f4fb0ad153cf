import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSixServices } from './six-services.ts'

let mart: Awaited<ReturnType<typeof startSixServices>> | undefined
const sent: ReturnType<typeof sentSchemas> = []
before(async () => {
  mart = await startSixServices()
  for (const { name, http } of mart.services) sent.push(...sentSchemas(name, (await http('GET', '/openapi.json')).body))
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

/** Every schema of a document that is looked at when somebody sends something, with what it is of. */
function sentSchemas(name: string, document: { paths: Record<string, Record<string, Schema>> }) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const bodies = (operation['requestBody'] as { content: Record<string, { schema: Schema }> } | undefined)?.content
      const parameters = (operation['parameters'] ?? []) as { name: string; in: string; schema: Schema }[]
      const where = `${name} ${method} ${path}`
      return [
        ...Object.values(bodies ?? {}).map(({ schema }) => ({ where: `${where} body`, place: 'body', schema })),
        ...parameters.map(({ in: place, schema, ...one }) => ({ where: `${where} ${one.name}`, place, schema })),
      ]
    }),
  )
}

/** The schema itself and every other inside of it, under whatever keyword. */
const within = (part: unknown): Schema[] =>
  typeof part === 'object' && part !== null ? [part as Schema, ...Object.values(part).flatMap(within)] : []

test('everything that may be sent to a service has an end: arrays, objects, texts and numbers', () => {
  const looked = sent.filter(({ place }) => place !== 'path')
  assert.ok(looked.length > 100, `${looked.length} schemas`)
  assert.deepEqual(
    looked.flatMap(({ schema, where }) => unbounded(schema, where)),
    [],
  )
})

test('a pattern has a sentence beside it, for who sends what it does not take', () => {
  const patterns = sent.flatMap(({ schema, where }) =>
    within(schema)
      .filter(({ pattern }) => typeof pattern === 'string')
      .map((part) => ({ where, must: part['x-must'] })),
  )
  assert.ok(patterns.length > 20, `${patterns.length} patterns`)
  assert.deepEqual(
    patterns.filter(({ must }) => !/^must [a-z]/.test(String(must))).map(({ where }) => where),
    [],
  )
})

// Elsewhere better-auth and the providers judge what is in a body.
test('a text of a body says which characters it takes: NUL is refused whatever a schema says', () => {
  const texts = sent
    .filter(({ where, place }) => place === 'body' && !/ \/(auth|webhooks)\//.test(where))
    .flatMap(({ where, schema }) =>
      within(schema)
        .filter(({ type }) => type === 'string')
        .map((part) => ({ where, part })),
    )
  assert.ok(texts.length > 40, `${texts.length} texts`)
  assert.deepEqual(
    texts
      .filter(({ part }) => !['pattern', 'x-form', 'format', 'enum'].some((keyword) => keyword in part))
      .map(({ where }) => where),
    [],
  )
})

test('a day or a moment is of years that everything can reckon with', () => {
  const named = sent.filter(
    ({ where, place }) => place === 'query' && / (from|to|since|until|before|after|date|day|\w+_(at|on))$/.test(where),
  )
  const formatted = sent.flatMap(({ where, schema }) =>
    within(schema)
      .filter(({ format }) => format === 'date' || format === 'date-time')
      .map((part) => ({ where, schema: part })),
  )
  const times = [...named, ...formatted]
  assert.ok(times.length >= 4, `${times.length} times`)
  assert.deepEqual(
    times
      .filter(({ schema }) => !String(schema['pattern']).startsWith('^(19[7-9]\\d|2\\d{3})-'))
      .map(({ where }) => where),
    [],
  )
})
