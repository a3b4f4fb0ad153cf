import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { PARTITIONS } from '@mart/service-kit/event-log'
import { MartFault } from '@mart/service-kit/fault'

export type Replicas = ReadonlyMap<ServiceName, number>

/** The first of twelve ports where several of a service answer: order at 8300 to 8311. */
const firstPorts: Record<ServiceName, number> = {
  user: 8100,
  product: 8500,
  order: 8300,
  inventory: 8700,
  payment: 8800,
  notification: 8900,
}

/** What says where a browser finds these two. */
const addressSettings: Partial<Record<ServiceName, string>> = { user: 'USER_URL', payment: 'PUBLIC_URL' }

/** Reads "order=3". Throws a MartFault with every fault at once. */
export function readReplicas(args: readonly string[]): Replicas {
  const wanted = new Map<ServiceName, number>()
  const faults: string[] = []
  for (const arg of args) {
    const [, name = '', count = ''] = /^([^=]*)=(.*)$/.exec(arg) ?? []
    const service = serviceNames.find((known) => known === name)
    if (!arg.includes('=')) faults.push(`${arg}: must be like order=3`)
    else if (!service) faults.push(`${arg}: there is no such service, only ${serviceNames.join(', ')}`)
    else if (!/^\d+$/.test(count) || Number(count) < 1 || Number(count) > PARTITIONS)
      faults.push(`${arg}: must be a whole number from 1 to ${PARTITIONS}, the partitions of a topic`)
    else if (wanted.has(service)) faults.push(`${arg}: ${service} was given already`)
    else wanted.set(service, Number(count))
  }
  if (faults.length > 0) throw new MartFault(faults.join('\n'))
  return wanted
}

const BEGIN = '# What npm run scale has set; it ends with the line "end of npm run scale".'
const END = '# end of npm run scale'
const block = new RegExp(`\n*${BEGIN}\n([^]*?)${END}\n?`)

/** How many of which service the settings of Compose (`.env`) say. */
export function replicasIn(text: string): Replicas {
  const kept = block.exec(text)?.[1] ?? ''
  return new Map(
    serviceNames.flatMap((service) => {
      const [, count] = new RegExp(`^${service.toUpperCase()}_REPLICAS=(\\d+)$`, 'm').exec(kept) ?? []
      return count ? [[service, Number(count)]] : []
    }),
  )
}

/** `.env` with so many of each and their ports, in lines of ours at its end; with nothing of ours for one of each. */
export function withReplicas(text: string, replicas: Replicas): string {
  const rest = text.replace(block, '\n').replace(/^\n$/, '')
  const lines = Object.entries(replicaSettings(replicas, rest)).map(([name, value]) => `${name}=${value}\n`)
  if (lines.length === 0) return rest
  return `${rest}${rest === '' ? '' : '\n'}${BEGIN}\n${lines.join('')}${END}\n`
}

/** The settings of Compose for services of which there are several. */
function replicaSettings(replicas: Replicas, given: string): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [service, count] of replicas) {
    if (count === 1) continue
    const several = firstPorts[service]
    settings[`${service.toUpperCase()}_REPLICAS`] = String(count)
    // All twelve, so that one more does not make the others anew.
    settings[`${service.toUpperCase()}_PORTS`] = `${several}-${several + PARTITIONS - 1}`
    const address = addressSettings[service]
    if (address && !new RegExp(`^\\s*${address}=\\S`, 'm').test(given))
      settings[address] = `http://127.0.0.1:${several}`
  }
  return settings
}

interface Listed {
  readonly Service: string
  readonly Publishers?: readonly { readonly PublishedPort: number }[] | null
}

/** The published ports of a service, out of `docker compose ps --format json`: a list, or a line each. */
export function publishedPorts(listed: string, service: string): number[] {
  const text = listed.trim()
  const all = (
    text.startsWith('[')
      ? JSON.parse(text)
      : text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line))
  ) as Listed[]
  const found = all.filter(({ Service }) => Service === service).flatMap(({ Publishers }) => Publishers ?? [])
  return [...new Set(found.map(({ PublishedPort }) => PublishedPort))]
    .filter((port) => port > 0)
    .toSorted((a, b) => a - b)
}
