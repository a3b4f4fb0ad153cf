import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isDeepStrictEqual, promisify } from 'node:util'
import { serviceNames } from '@mart/contracts/services'
import { portsAt } from '@mart/local/ports'
import { PARTITIONS } from '@mart/service-kit/event-log'
import { parse, parseAllDocuments } from 'yaml'
import { inventory } from '../services/inventory/src/main.ts'
import { notification } from '../services/notification/src/main.ts'
import { order } from '../services/order/src/main.ts'
import { payment } from '../services/payment/src/main.ts'
import { product } from '../services/product/src/main.ts'
import { user } from '../services/user/src/main.ts'
import { findHelm } from './kubernetes/cluster.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const chart = join(root, 'deploy/kubernetes')
const readYaml = (path: string) => parse(readFileSync(join(root, path), 'utf8'), { merge: true, maxAliasCount: -1 })
const helm = await findHelm()
// Helm that Go built from its source knows no newer Kubernetes than 1.20.
const KUBE = '1.35.0'
const skip = helm ? false : 'helm is not on the PATH, and was not built'

// biome-ignore lint/suspicious/noExplicitAny: Kubernetes' objects, looked into where they are used
type Loose = any

/** What the chart makes of these values, every object. */
async function render(...values: string[]): Promise<Loose[]> {
  const settings = values.flatMap((value) => ['--set', value])
  const { stdout } = await run(helm!, [
    'template',
    'mart',
    chart,
    '--namespace',
    'mart',
    '--kube-version',
    KUBE,
    ...settings,
  ])
  return parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? [])
}

const variants = {
  'a trial, scaled by KEDA': ['trial.enabled=true', 'scaling.by=keda', 'catalogue=demo'],
  'databases and a Kafka that are there': [
    ...[
      'eventLog.url=kafka://kafka.example:9092',
      'roles.secret=superusers',
      'ingress.hosts.order=orders.mart.example',
    ],
    ...[
      'ingress.hosts.gateway=mart.example',
      'ingress.tlsSecret=tls',
      'podMonitor.enabled=true',
      'podMonitor.tokenSecret=metrics',
    ],
  ],
  'CloudNativePG and Strimzi': ['cloudNativePG.enabled=true', 'strimzi.enabled=true', 'scaling.by=keda'],
}

const podsOf = (objects: readonly Loose[]): Loose[] =>
  objects.flatMap(({ kind, spec }) => {
    if (['Deployment', 'StatefulSet', 'Job'].includes(kind)) return [spec.template]
    return kind === 'CronJob' ? [spec.jobTemplate.spec.template] : []
  })

test('the chart has the services of the mart, on their ports, and knows who consumes', () => {
  const { services, gateway, scaling } = readYaml('deploy/kubernetes/values.yaml')
  assert.deepEqual(Object.keys(services).sort(), [...serviceNames].sort())
  for (const { name, consumes } of [user, product, order, inventory, payment, notification]) {
    const service = services[name]
    assert.equal(service.port, portsAt(0)[name as 'user'], name)
    assert.equal(service.consumes, consumes({ config: {} } as never).topics.length > 0, name)
    assert.equal(readYaml('compose.yaml').services[service.image].image.includes(`/${service.image}:`), true, name)
    assert.ok(service.replicas.max <= PARTITIONS, `${name}: more replicas than a topic has partitions`)
  }
  assert.equal(gateway.port, portsAt(0).shop)
  assert.ok(readYaml('compose.yaml').services.gateway.image.includes(`/${gateway.image}:`))
  assert.equal(scaling.by, 'cpu') // no operator is needed
})

for (const [name, values] of Object.entries(variants)) {
  test(`${name}: every pod is restricted, bounded and has no token`, { skip }, async () => {
    const pods = podsOf(await render(...values))
    assert.ok(pods.length >= 8)
    for (const { spec } of pods) {
      assert.equal(spec.automountServiceAccountToken, false)
      assert.equal(spec.enableServiceLinks, false)
      assert.equal(spec.securityContext.runAsNonRoot, true)
      assert.ok(spec.securityContext.runAsUser > 0)
      assert.deepEqual(spec.securityContext.seccompProfile, { type: 'RuntimeDefault' })
      for (const { image, securityContext, resources } of spec.containers) {
        assert.equal(securityContext.allowPrivilegeEscalation, false)
        assert.deepEqual(securityContext.capabilities, { drop: ['ALL'] })
        assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory)
        assert.match(image, /:(?!latest)\S+$/)
      }
    }
  })

  test(`${name}: every pod is under the policy that refuses, and every selector finds a pod`, { skip }, async () => {
    const objects = await render(...values)
    const labels = podsOf(objects).map(({ metadata }) => metadata.labels as Record<string, string>)
    const finds = (selector: Record<string, string>) =>
      labels.filter((label) => Object.entries(selector).every(([key, value]) => label[key] === value))
    const ofKind = (kind: string) => objects.filter((object) => object.kind === kind)
    const policies = ofKind('NetworkPolicy')
    const refusal = policies.find(({ metadata }) => metadata.name === 'nothing-but-what-is-said')
    assert.deepEqual(refusal.spec.policyTypes, ['Ingress', 'Egress'])
    assert.equal(refusal.spec.ingress, undefined)
    assert.equal(finds(refusal.spec.podSelector.matchLabels).length, labels.length)
    const peers = policies.flatMap(({ spec }) => [...(spec.ingress ?? []), ...(spec.egress ?? [])])
    const named = peers.flatMap((peer) =>
      [...(peer.from ?? []), ...(peer.to ?? [])].flatMap((one) => one.podSelector ?? []),
    )
    for (const { matchLabels } of [...policies.map(({ spec }) => spec.podSelector), ...named])
      assert.ok(finds(matchLabels).length > 0, JSON.stringify(matchLabels))
    for (const { metadata, spec } of ofKind('Service')) assert.equal(finds(spec.selector).length, 1, metadata.name)
    for (const { spec } of ofKind('PodDisruptionBudget')) assert.equal(finds(spec.selector.matchLabels).length, 1)
    const deployments = ofKind('Deployment').map(({ metadata }) => metadata.name)
    const scaled = [...ofKind('ScaledObject'), ...ofKind('HorizontalPodAutoscaler')]
    assert.deepEqual(scaled.map(({ spec }) => spec.scaleTargetRef.name).sort(), deployments.sort())
  })

  test(`${name}: what is asked for by name is made, or is one of the Secrets that the values ask for`, {
    skip,
  }, async () => {
    const objects = await render(...values)
    const made = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
    const asked = /^(superusers|tls|metrics|\w+-(database|db-app|settings))$/
    for (const { spec } of podsOf(objects))
      for (const { env = [], envFrom = [] } of spec.containers) {
        const secrets = [
          ...env.flatMap(({ valueFrom }: Loose) => valueFrom?.secretKeyRef ?? []),
          ...envFrom.flatMap(({ secretRef }: Loose) => secretRef ?? []),
        ]
        for (const { name: secret } of secrets) assert.ok(made.has(`Secret ${secret}`) || asked.test(secret), secret)
        for (const { configMapRef } of envFrom) if (configMapRef) assert.ok(made.has(`ConfigMap ${configMapRef.name}`))
      }
  })
}

test('helm lint finds nothing', { skip }, async () => {
  const { stdout } = await run(helm!, ['lint', '--strict', chart, '--set', 'trial.enabled=true'])
  assert.match(stdout, /0 chart\(s\) failed/)
})

test('a value that nobody knows is refused, and so is a mart without an event log', { skip }, async () => {
  await assert.rejects(render('trial.enabld=true'), /enabld/)
  await assert.rejects(render('scaling.by=keda'), /eventLog\.url is not set/)
  await assert.rejects(render('trial.enabled=true', 'services.order.replicas.min=0'), /minimum/i)
})

test('a pod has longer to end than the service takes, and drains first', { skip }, async () => {
  const objects = await render('trial.enabled=true')
  const settings = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'mart').data
  for (const { kind, spec } of objects)
    if (kind === 'Deployment')
      assert.ok(spec.template.spec.terminationGracePeriodSeconds >= Number(settings.DRAIN_SECONDS) + 30)
})

test('clients reach the gateway, which reaches the services and nothing else; a service, once it has a host or a NodePort', {
  skip,
}, async () => {
  const client = { ipBlock: { cidr: '192.0.2.0/24' } }
  const objects = await render(
    'trial.enabled=true',
    'ingress.hosts.payment=pay.mart.example',
    'nodePorts.user=30800',
    `networkPolicy.clients[0].ipBlock.cidr=${client.ipBlock.cidr}`,
  )
  const rules = (kind: 'ingress' | 'egress', name: string): Loose[] =>
    objects
      .find((object) => object.kind === 'NetworkPolicy' && object.metadata.name === name)
      .spec[kind].flatMap(({ from, to }: Loose) => from ?? to)
  const lets = (name: string, peer: Loose) => rules('ingress', name).some((one) => isDeepStrictEqual(one, peer))
  const ofComponent = (component: string) => ({
    podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'mart', 'app.kubernetes.io/component': component } },
  })
  assert.deepEqual(rules('ingress', 'gateway'), [ofComponent('job'), client])
  assert.deepEqual(rules('egress', 'gateway'), [ofComponent('service')])
  for (const name of serviceNames) assert.ok(lets(name, ofComponent('gateway')), name)
  assert.deepEqual(
    serviceNames.filter((name) => lets(name, client)),
    ['user', 'payment'],
  )
})

test('the gateway knows where the shop and the services are, and is told nothing secret', { skip }, async () => {
  const shop = [
    'eventLog.url=kafka://kafka.example:9092',
    'eventLog.secret=kafka',
    'ingress.hosts.gateway=mart.example',
  ]
  const objects = await render(...shop, 'ingress.tlsSecret=tls')
  const { data } = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'gateway')
  assert.equal(data.SHOP_URL, 'https://mart.example')
  for (const name of serviceNames)
    assert.equal(data[`${name.toUpperCase()}_SERVICE_URL`], `http://${name}:${portsAt(0)[name]}`)
  const { spec } = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'gateway')
  const [{ env = [], envFrom }] = spec.template.spec.containers
  assert.deepEqual(env, [])
  assert.deepEqual(
    envFrom.flatMap(({ secretRef }: Loose) => secretRef?.name ?? []),
    ['gateway-settings'],
  )
})

test('mails are told where the shop is, and make links with the order service’s secret', { skip }, async () => {
  const shop = ['eventLog.url=kafka://kafka.example:9092', 'ingress.hosts.gateway=mart.example']
  const rendered = await Promise.all([
    render('trial.enabled=true'),
    render(...shop),
    render(...shop, 'gateway.settings.SHOP_URL=https://www.mart.example'),
  ])
  const urls = rendered.map((objects) =>
    ['notification', 'gateway', 'payment', 'user'].map(
      (name) => objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name).data.SHOP_URL,
    ),
  )
  const each = ['http://127.0.0.1:3000', 'http://mart.example', 'https://www.mart.example']
  assert.deepEqual(
    urls,
    each.map((url) => [url, url, url, url]),
  )
  const demo = rendered[0]!.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === 'demo')
  const { env } = demo.spec.jobTemplate.spec.template.spec.containers[0]
  const told = (setting: string) => env.find(({ name }: Loose) => name === setting)?.value
  assert.deepEqual([told('SHOP_URL'), told('SHOP_ADDRESS')], [each[0], 'http://gateway:3000'])
  for (const objects of rendered) {
    const { spec } = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'notification')
    const { valueFrom } = spec.template.spec.containers[0].env.find(({ name }: Loose) => name === 'GUEST_LINK_SECRET')
    assert.deepEqual(valueFrom.secretKeyRef, { name: 'order-settings', key: 'GUEST_LINK_SECRET', optional: true })
  }
})

test('another version is other pods of ours, and the same databases, Kafka and mail catcher', { skip }, async () => {
  const [before, after] = await Promise.all(
    ['1.0.0', '1.0.1'].map((tag) => render('trial.enabled=true', `images.tag=${tag}`)),
  )
  const changed = after!.flatMap(({ kind, metadata, spec }, at) =>
    isDeepStrictEqual(spec?.template, before![at].spec?.template) ? [] : `${kind} ${metadata.name}`,
  )
  const ours = [...['gateway', ...serviceNames].map((name) => `Deployment ${name}`), 'StatefulSet simulators']
  assert.deepEqual(changed.filter((name) => !name.startsWith('Job ')).sort(), ours.sort())
})
