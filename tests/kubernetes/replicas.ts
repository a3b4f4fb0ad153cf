import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@mart/contracts/services'

/** What Kubernetes says of a service's replicas, and what the two metrics that scale it say. */
export interface Replicas {
  readonly ready: number
  readonly wanted: number
  /** Percent of what its pods request; not there until they have been measured. */
  readonly cpu: number | undefined
  /** By consumer lag and outbox age, in replicas. */
  readonly waiting: number | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: Kubernetes' objects, looked into where they are used
type Loose = any

/** Reads the list of Deployments and HorizontalPodAutoscalers that kubectl gives as JSON. */
export function readReplicas(json: string): Record<string, Replicas> {
  const { items } = JSON.parse(json) as { items: Loose[] }
  return Object.fromEntries(
    serviceNames.map((name) => {
      const deployment = items.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
      const scaler = items.find(
        ({ kind, spec }) => kind === 'HorizontalPodAutoscaler' && spec.scaleTargetRef.name === name,
      )
      const metrics: Loose[] = scaler?.status?.currentMetrics ?? []
      const cpu = metrics.find(({ resource }) => resource)?.resource.current.averageUtilization
      const each = metrics.find(({ external }) => external)?.external.current.averageValue
      const ready = deployment?.status.readyReplicas ?? 0
      const wanted = deployment?.spec.replicas ?? 0
      return [name, { ready, wanted, cpu, waiting: each && inNumbers(each) * scaler.status.currentReplicas }]
    }),
  )
}

/** Kubernetes writes 1.5 as 1500m. */
const inNumbers = (quantity: string) =>
  quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1_000 : Number(quantity)

/** Looks every 2 s, and keeps a line for each service's change, with what it was that changed it. */
export function watchReplicas(look: () => Promise<Record<string, Replicas>>) {
  const startedAt = Date.now()
  const lines: string[] = []
  const most: Record<string, number> = {}
  const seen: Record<string, string> = {}
  const note = (what: string) => lines.push(`${Math.round((Date.now() - startedAt) / 1_000)} s: ${what}`)
  let isOver = false
  const watch = async () => {
    for (; !isOver; await sleep(2_000)) {
      for (const [name, { ready, wanted, cpu, waiting }] of Object.entries(await look().catch(() => ({})))) {
        most[name] = Math.max(most[name] ?? 0, ready)
        const state = `${name} ${ready} of ${wanted}`
        if (seen[name] !== state) note(`${state} (cpu ${cpu ?? '?'} %, waiting ${waiting?.toFixed(2) ?? '?'})`)
        seen[name] = state
      }
    }
  }
  void watch()
  return {
    note,
    most: (name: string) => most[name] ?? 0,
    end() {
      isOver = true
      return lines
    },
  }
}
