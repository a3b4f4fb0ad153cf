import type { Problem } from '@mart/contracts/http/shared-shapes'
import type { FastifyServerOptions } from 'fastify'
import { titles } from './problems.ts'

type Broken = Pick<Problem, 'status' | 'code'> & { detail: string }

const known: Readonly<Record<string, Broken>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    detail: 'The address and the headers of a request may have 16 kB together.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', detail: 'The request took too long to come.' },
}
const none: Broken = { status: 400, code: 'bad_request', detail: 'This is no request of HTTP.' }

/** Answers what never becomes a request with a problem document too, and closes the connection. */
export const answerBroken: NonNullable<FastifyServerOptions['clientErrorHandler']> = (error, socket) => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const broken = known[error.code ?? ''] ?? none
  const title = titles[broken.status] ?? 'Error'
  const body = JSON.stringify({ type: 'about:blank', title, ...broken } satisfies Problem)
  const head = [
    `HTTP/1.1 ${broken.status} ${title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy(error)
}
