import { createServer } from 'node:net'
import { MartFault } from '@mart/service-kit/fault'

/** The ports that users know; MART_PORT_OFFSET is added to each. */
const basePorts = {
  shop: 3000,
  user: 8000,
  order: 8003,
  product: 8005,
  inventory: 8007,
  payment: 8008,
  notification: 8009,
  simulators: 8010,
  mail: 8025,
  smtp: 1025,
  postgres: 5440,
  kafka: 9092,
  kafkaController: 9093,
  firstPage: 3001,
  metrics: 8428,
  rules: 8880,
  alerts: 9094,
  logs: 9428,
  logAgent: 9429,
  traces: 16686,
  spans: 4318,
} as const

export type PortName = keyof typeof basePorts
export type Ports = Record<PortName, number>

export const portsAt = (offset: number): Ports =>
  Object.fromEntries(Object.entries(basePorts).map(([name, port]) => [name, port + offset])) as Ports

/** Throws a MartFault when somebody listens on `port` already, or when nobody may. */
export async function checkPort(name: string, port: number, host: string): Promise<void> {
  const code = await tryPort(port, host)
  if (code === undefined) return
  if (code === 'EADDRINUSE')
    throw new MartFault(`Port ${port} (${name}) is taken: stop what listens there, or set MART_PORT_OFFSET.`)
  if (code === 'EACCES') throw new MartFault(`No right to listen on port ${port} (${name}): set MART_PORT_OFFSET.`)
  throw new MartFault(`Can't listen on ${host}:${port} (${name}): ${code}. Is MART_HOST an address of this machine?`)
}

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
