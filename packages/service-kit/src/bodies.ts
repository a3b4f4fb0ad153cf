import type { FastifyRequest } from 'fastify'
import { type FieldError, invalidInput, MAX_FAULTS } from './errors.ts'
import type { App } from './http-app.ts'

/** How deep arrays and objects may stand in each other; what recursion could run out of stack on is refused before. */
const MAX_DEPTH = 20

const halfPair = /(?<!\\)(?:\\\\)*\\ud[89ab][\da-f]{2}(?!\\ud[c-f])|(?<!\\|\\ud[89ab]..)(?:\\\\)*\\ud[c-f][\da-f]{2}/i

/**
 * Parses JSON. PostgreSQL's text takes no NUL, its jsonb no half of a surrogate pair, and nothing here needs a deep
 * body: bad input. What is deep is refused at once; what cannot be stored is told field by field, after the faults that
 * a schema finds and before a handler sees it. Only a body that may hold one is looked through.
 */
export function parseBodies(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const unstorable = new WeakMap<FastifyRequest, readonly FieldError[]>()
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body as string
    const isSuspect = text.includes('\\u0000') || halfPair.test(text) || mayBeDeep(text)
    if (!isSuspect) return parse(request, text, done)
    return parse(request, text, (error, value) => {
      const { faults, isDeep } = error ? noFaults : unstorableIn(value)
      if (faults.length > 0) unstorable.set(request, faults)
      done(error ?? (isDeep ? invalidInput(faults) : null), value)
    })
  })
  app.addHook('preHandler', async (request) => {
    const faults = unstorable.get(request)
    if (faults) throw invalidInput(faults)
  })
}

const noFaults = { faults: [], isDeep: false }

function mayBeDeep(text: string): boolean {
  let opened = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if ((code === 123 || code === 91) && ++opened > MAX_DEPTH) return true
  }
  return false
}

function unstorableIn(body: unknown): { faults: readonly FieldError[]; isDeep: boolean } {
  const faults: FieldError[] = []
  let isDeep = false
  const look = (value: unknown, field: string, depth: number): void => {
    if (faults.length >= MAX_FAULTS) return
    if (typeof value === 'string') {
      if (!isStorable(value)) faults.push({ field: field || 'body', ...cannotBeStored })
      return
    }
    if (typeof value !== 'object' || value === null) return
    if (depth > MAX_DEPTH) {
      isDeep = true
      faults.push({ field, code: 'too_deep', message: `may have ${MAX_DEPTH} levels of arrays and objects` })
      return
    }
    for (const [name, part] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${field}[${name}]` : field ? `${field}.${name}` : name
      if (!isStorable(name)) faults.push({ field: at, ...cannotBeStored })
      look(part, at, depth + 1)
    }
  }
  look(body, '', 1)
  return { faults, isDeep }
}

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed()
const cannotBeStored = { code: 'unstorable', message: 'has a NUL character or half of a surrogate pair' }
