import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs } from './backoff.ts'
import { clientPatience } from './http-server.ts'
import { EventLogFault } from './kafka-settings.ts'
import type { Logger } from './logger.ts'
import { isPassingFault } from './postgres.ts'

const MAX_CONNECTIONS = 200
/** SQLSTATE: a role, password or database that somebody may be about to make. */
const notThereYet: ReadonlySet<unknown> = new Set(['28000', '28P01', '3D000'])

export interface ReadinessGate {
  /** Tries until it works, as long as what is wrong may be put right from outside. Throws anything else. */
  readonly until: (what: string, work: () => Promise<void>) => Promise<void>
  readonly close: () => Promise<void>
}

/** While a service waits for what it stands on, its port says that it lives, is not ready, and what it waits for. */
export function openReadinessGate({
  host,
  port,
  logger,
}: {
  host: string
  port: number
  logger: Logger
}): ReadinessGate {
  let reason = ''
  let server: Server | undefined
  const listen = () => {
    server = createServer(clientPatience, (request, response) => {
      const isLive = request.url === '/health/live'
      const body = isLive
        ? { status: 'live' }
        : { status: 503, code: 'starting', title: 'Not ready yet', detail: reason }
      response.writeHead(isLive ? 200 : 503, {
        'content-type': isLive ? 'application/json' : 'application/problem+json',
        'retry-after': '2',
        connection: 'close',
      })
      response.end(JSON.stringify(body))
    })
    server.maxConnections = MAX_CONNECTIONS
    server.on('error', (error) => logger.warn({ err: error }, 'nobody hears that the service is not ready'))
    server.listen(port, host)
  }

  return {
    async until(what, work) {
      for (let failures = 0; ; failures++) {
        try {
          return await work()
        } catch (error) {
          if (!isPassingFault(error) && !(error instanceof EventLogFault) && !notThereYet.has(codeOf(error)))
            throw error
          const waitMs = backoffMs(failures, { firstMs: 200 })
          reason = `${what}: ${(error as Error).message}`
          logger.warn({ err: error, retry_in_ms: waitMs }, `waiting for ${reason}`)
          if (!server) listen()
          await sleep(waitMs)
        }
      }
    },
    async close() {
      const closing = server
      if (closing) await new Promise((resolve) => closing.close(resolve))
    },
  }
}

const codeOf = (error: unknown) => (error as { code?: unknown } | null)?.code
