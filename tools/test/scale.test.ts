import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { serviceNames } from '@mart/contracts/services'
import { portsAt } from '@mart/local/ports'
import { publishedPorts, readReplicas, replicasIn, withReplicas } from '../src/scale-settings.ts'

const ports = portsAt(0)

const root = join(import.meta.dirname, '../..')
const scaled = (text: string, ...args: string[]) =>
  withReplicas(text, new Map([...replicasIn(text), ...readReplicas(args)]))

describe('npm run scale', () => {
  test('tells every fault of what it is asked for at once, and touches nothing', () => {
    const args = [
      'order=0',
      'kafka=2',
      'payment=13',
      'user',
      'product=1.5',
      'order-db=2',
      'inventory=2',
      'inventory=3',
      '=',
    ]
    const { status, stderr, stdout } = spawnSync(process.execPath, ['tools/src/scale.ts', ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, COMPOSE: 'false' },
    })
    assert.deepEqual([status, stdout], [1, ''])
    const faults = stderr.trim().split('\n')
    assert.deepEqual(
      faults.map((fault) => fault.split(':')[0]),
      ['order=0', 'kafka=2', 'payment=13', 'user', 'product=1.5', 'order-db=2', 'inventory=3', '='],
    )
    assert.match(stderr, /from 1 to 12/)
  })

  test('keeps in .env how many there are and a port for each of twelve, behind what its owner has written', () => {
    const owners = 'ORDER_PORTS=9003\nSTRIPE_SECRET_KEY=sk_1\n'
    const three = scaled(owners, 'order=3')
    assert.ok(three.startsWith(owners))
    assert.deepEqual(three.slice(owners.length).match(/^\w+=.*$/gm), ['ORDER_REPLICAS=3', 'ORDER_PORTS=8300-8311'])
    const four = scaled(scaled(three, 'inventory=2'), 'order=4')
    assert.deepEqual(Object.fromEntries(replicasIn(four)), { order: 4, inventory: 2 })
    assert.equal(four.match(/npm run scale has set/g)?.length, 1)
    assert.equal(scaled(four, 'order=1', 'inventory=1'), owners)
    assert.equal(scaled(scaled('', 'order=2'), 'order=1'), '')
  })

  test('says where a browser finds accounts and pages, unless their owner has', () => {
    assert.match(scaled('', 'payment=2', 'user=2'), /^PUBLIC_URL=http:\/\/127\.0\.0\.1:8800$/m)
    assert.match(scaled('# PUBLIC_URL=\n', 'user=2'), /^USER_URL=http:\/\/127\.0\.0\.1:8100$/m)
    assert.doesNotMatch(scaled('PUBLIC_URL=https://pay.example\n', 'payment=2'), /8800$/m)
  })

  test('has no two services at one port, nor one where something else of the mart is', () => {
    const all = scaled('', ...serviceNames.map((name) => `${name}=12`))
    const ranges = [...all.matchAll(/^\w+_PORTS=(\d+)-(\d+)$/gm)].map(([, from, to]) => [Number(from), Number(to)])
    const taken = ranges.flatMap(([from = 0, to = 0]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))
    assert.equal(taken.length, 72)
    const others = [
      readFileSync(join(root, 'compose.yaml'), 'utf8'),
      readFileSync(join(root, 'compose.observe.yaml'), 'utf8'),
    ]
      .flatMap((text) => [...text.matchAll(/_PORTS?:-(\d+)\}/g)])
      .map(([, port]) => Number(port))
    assert.ok(others.length > 10)
    assert.equal(new Set([...taken, ...others]).size, taken.length + new Set(others).size)
  })

  test('sets what compose.yaml reads', () => {
    const compose = readFileSync(join(root, 'compose.yaml'), 'utf8')
    for (const name of serviceNames) {
      const NAME = name.toUpperCase()
      assert.ok(compose.includes(`    scale: \${${NAME}_REPLICAS:-1}\n`), name)
      assert.ok(compose.includes(`\${${NAME}_PORTS:-${ports[name]}}:${ports[name]}'`), name)
    }
  })

  test('finds the published ports in what Compose lists, a list or a line each', () => {
    const of = (Service: string, ...ports: number[]) => ({
      Service,
      // Once for IPv4, once for IPv6; 0 is one that is not published.
      Publishers: [...ports, ...ports, 0].map((PublishedPort) => ({ URL: '0.0.0.0', PublishedPort })),
    })
    const listed = [
      of('order-service', 8301),
      of('order-db'),
      of('order-service', 8300),
      { Service: 'kafka', Publishers: null },
    ]
    for (const text of [JSON.stringify(listed), listed.map((one) => JSON.stringify(one)).join('\n')])
      assert.deepEqual(publishedPorts(text, 'order-service'), [8300, 8301])
    assert.deepEqual(publishedPorts('', 'order-service'), [])
  })
})
