import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { listenAt } from '@mart/simulators/kit/listening'
import type { PortName } from '../ports.ts'

const folder = join(import.meta.dirname, '../../../deploy/observability/first-page')
const files: Readonly<Record<string, { readonly name: string; readonly type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/traces.js': { name: 'traces.js', type: 'text/javascript' },
}

/** Serves the page from which all that is seen of the mart is one click away, on 127.0.0.1. */
export async function startFirstPage(
  ports: Readonly<Partial<Record<PortName, number>>>,
): Promise<{ readonly stop: () => Promise<void> }> {
  const server = createServer(async ({ url, method }, answer) => {
    if (method !== 'GET') return answer.writeHead(405).end()
    if (url === '/ports.json') return answer.setHeader('content-type', 'application/json').end(JSON.stringify(ports))
    const file = files[url ?? '']
    if (!file) return answer.writeHead(404).end()
    answer.setHeader('content-type', file.type).end(await readFile(join(folder, file.name)))
  })
  await listenAt(server, { port: ports.firstPage!, host: '127.0.0.1' })
  return {
    stop: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
