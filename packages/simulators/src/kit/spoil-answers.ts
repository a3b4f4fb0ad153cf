import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { type CommonControl, takeOne } from './control.ts'

/** Answers of the paths that begin with `prefix` break off or become web pages as often as the control says. */
export function spoilAnswers(
  app: FastifyInstance,
  control: Pick<CommonControl, 'html_answers' | 'half_answers'>,
  prefix: string,
): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (!request.url.startsWith(prefix) || typeof payload !== 'string') return payload
    if (takeOne(control, 'html_answers')) {
      reply.type('text/html; charset=utf-8').removeHeader('content-length')
      return '<!DOCTYPE html><html><body><h1>Please stand by</h1><p>We are working on it.</p></body></html>'
    }
    if (!takeOne(control, 'half_answers')) return payload
    reply.header('content-length', Buffer.byteLength(payload))
    return brokenOff(payload.slice(0, payload.length / 2))
  })
}

function brokenOff(text: string): Readable {
  const stream = new Readable({ read: () => undefined })
  stream.push(text)
  setTimeout(() => stream.destroy(), 20)
  return stream
}
