import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@mart/contracts/services'
import { knownShopper, newShopper, type Shopper } from '@mart/demo/shopper'
import type { Addresses } from '@mart/demo/visited-mart'
import { type Cluster, startCluster } from './cluster.ts'
import { type Replicas, readReplicas } from './replicas.ts'

const NAMESPACE = 'mart'
const ADMIN = 'admin@mart.local'
const nodePorts = {
  ...{ user: 30800, product: 30805, order: 30803, inventory: 30807, payment: 30808, notification: 30809 },
  ...{ simulators: 30810, mail: 30825, shop: 30300 },
}
const images = [...serviceNames.map((name) => `${name}-service`), 'gateway', 'tools'].map((name) => `ai-mart/${name}`)
const others = ['postgres:18', 'apache/kafka:4.2.0', 'axllent/mailpit:v1.27']

/** The chart's mart, in a namespace that refuses every pod that is not restricted. */
export interface MartInCluster {
  readonly cluster: Cluster
  readonly addresses: Addresses
  /** kubectl in the mart's namespace. */
  readonly kubectl: (...args: string[]) => Promise<string>
  /** Goes to the images of this tag and waits until everything is ready. */
  readonly upgrade: (tag: string) => Promise<void>
  /** Runs one of the chart's CronJobs now. Returns what it says; rejects when it ends with a fault. */
  readonly tool: (name: 'demo' | 'books') => Promise<string>
  readonly query: (database: string, sql: string) => Promise<string>
  readonly buyers: (count: number) => Promise<Shopper[]>
  readonly receiveStock: (sku: string, quantity: number) => Promise<void>
  /** Of each service. */
  readonly replicas: () => Promise<Record<string, Replicas>>
  /** Waits until each service has so many ready pods, or more that are not needed any longer. */
  readonly becomesReady: (count: number, patienceMs: number) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Builds the images of two versions, brings up a cluster and the mart in it. */
export async function startMartInCluster(): Promise<MartInCluster> {
  const cluster = await startCluster()
  const stop = process.env['MART_CLUSTER_KEEP'] ? async () => undefined : cluster.stop
  try {
    await buildImages(cluster)
    return { ...(await installMart(cluster)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Version 2 is version 1, but for what order says. */
async function buildImages({ run, load }: Cluster): Promise<void> {
  await run('docker', ['compose', 'build'], { MART_VERSION: 'test-1', MART_IMAGES: 'ai-mart' })
  for (const image of images) await run('docker', ['tag', `${image}:test-1`, `${image}:test-2`])
  await run('docker', [
    'build',
    '-t',
    'ai-mart/order-service:test-2',
    '-f',
    'tests/kubernetes/second-version.Dockerfile',
    'tests/kubernetes',
  ])
  await load([...images.flatMap((image) => [`${image}:test-1`, `${image}:test-2`]), ...others])
}

async function installMart(cluster: Cluster): Promise<Omit<MartInCluster, 'stop'>> {
  const kubectl = (...args: string[]) => cluster.kubectl('--namespace', NAMESPACE, ...args)
  const addresses = Object.fromEntries(
    Object.entries(nodePorts).map(([name, port]) => [name, `http://127.0.0.1:${port}`]),
  ) as Addresses
  const upgrade = async (tag: string) => {
    const command = [
      'upgrade',
      '--install',
      'mart',
      'deploy/kubernetes',
      '--namespace',
      NAMESPACE,
      '--wait',
      '--timeout',
      '10m',
    ]
    await cluster.helm(...command, '--values', 'tests/kubernetes/values.yaml', '--set', `images.tag=${tag}`)
  }
  const replicas = async () => readReplicas(await kubectl('get', 'deployments,hpa', '-o', 'json'))
  await cluster.kubectl('create', 'namespace', NAMESPACE).catch(() => undefined) // kept from the run before
  await cluster.kubectl('label', '--overwrite', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted')
  await upgrade('test-1')
  const password = Buffer.from(
    await kubectl('get', 'secret', 'user-settings', '-o', 'jsonpath={.data.MART_ADMIN_PASSWORD}'),
    'base64',
  ).toString()
  return {
    cluster,
    addresses,
    kubectl,
    upgrade,
    replicas,
    async tool(name) {
      const job = `${name}-${randomUUID().slice(0, 8)}`
      await kubectl('create', 'job', `--from=cronjob/${name}`, job)
      const state = () => kubectl('get', 'job', job, '-o', 'jsonpath={.status.succeeded},{.status.failed}')
      for (const end = Date.now() + 300_000; (await state()) === ','; await sleep(1_000))
        if (Date.now() > end) throw new Error(`${job} does not end`)
      const said = await kubectl('logs', `job/${job}`)
      if (!(await state()).startsWith('1')) throw new Error(`${job} ended with a fault:\n${said}`)
      return said
    },
    query: (database, sql) =>
      kubectl('exec', `${database}-0`, '--', 'psql', '-U', 'postgres', '-d', 'mart', '-Atc', sql),
    buyers: (count) => Promise.all(Array.from({ length: count }, () => newShopper(addresses))),
    async receiveStock(sku, quantity) {
      const admin = await knownShopper(addresses, ADMIN, password)
      const path = `/stock/${encodeURIComponent(sku)}/adjustments`
      const headers = { 'idempotency-key': randomUUID() }
      const { status } = await admin.api('inventory', 'POST', path, {
        body: { delta: quantity, reason: 'received' },
        headers,
      })
      if (status !== 201) throw new Error(`${sku}: ${status}`)
    },
    async becomesReady(count, patienceMs) {
      for (const end = Date.now() + patienceMs; ; await sleep(1_000)) {
        const now = await replicas()
        if (serviceNames.every((name) => (now[name]?.ready ?? 0) >= count)) return
        if (Date.now() > end) throw new Error(`Not ${count} of each: ${JSON.stringify(now)}`)
      }
    },
  }
}
