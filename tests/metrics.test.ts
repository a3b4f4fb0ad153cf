import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { SHARED } from '@mart/service-kit/metrics'
import { dashboardQueries } from '../deploy/observability/dashboards/dashboards.ts'
import { selectedBy } from './promql.ts'
import { firedInTests, readRules, root } from './rules.ts'
import { startSixServices } from './six-services.ts'

/** What others than the six services tell: the scraper, node_exporter, the kubelet, VictoriaMetrics, the job that reads the books. */
const foreign = /^(up|node_filesystem_\w+|kubelet_volume_stats_\w+|vm_(free|total)_disk_space_bytes|books_\w+)$/

/** What scrapes and alerts writes down itself. */
const ofTheStore = /^(up|ALERTS)$/

describe('metrics and the rules about them', () => {
  let mart: Awaited<ReturnType<typeof startSixServices>>
  /** By name, whether every replica tells the same. */
  const told = new Map<string, { readonly isShared: boolean }>()
  const rules = readRules()
  const alerts = rules.filter((rule) => rule.alert !== undefined)

  before(async () => {
    mart = await startSixServices()
    for (const { http } of mart.services) {
      const { body } = await http('GET', '/metrics')
      for (const [, name = '', help = ''] of body.matchAll(/^# HELP (\w+) (.*)$/gm)) {
        const isHistogram = body.includes(`# TYPE ${name} histogram`)
        const names = isHistogram ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name]
        for (const one of names) told.set(one, { isShared: help.endsWith(SHARED) })
      }
    }
  })
  after(() => mart.stop())

  const recorded = new Set(rules.flatMap(({ record }) => record ?? []))

  test('a rule asks for nothing that nobody tells', () => {
    const unknown = rules.flatMap(({ expr, alert, record }) =>
      selectedBy(expr)
        .filter(({ metric }) => !told.has(metric) && !recorded.has(metric) && !foreign.test(metric))
        .map(({ metric }) => `${alert ?? record}: ${metric}`),
    )
    assert.deepEqual(unknown, [])
  })

  test('what every replica tells alike is taken by max and never summed', () => {
    const shared = rules.flatMap(({ expr, alert }) =>
      selectedBy(expr)
        .filter(({ metric }) => told.get(metric)?.isShared)
        .map((selected) => ({ ...selected, alert })),
    )
    assert.ok(shared.length > 10)
    assert.deepEqual(
      shared.filter(({ aggregation }) => !aggregation?.startsWith('max by ')),
      [],
    )
  })

  test('a dashboard asks for nothing that nobody tells, and sums nothing that every replica tells alike', () => {
    const selected = dashboardQueries.flatMap(({ where, query }) =>
      selectedBy(query.replaceAll('$window', '1m')).map((one) => ({ where, ...one })),
    )
    assert.deepEqual(
      selected.filter(({ metric }) => !told.has(metric) && !recorded.has(metric) && !ofTheStore.test(metric)),
      [],
    )
    assert.deepEqual(
      selected.filter(({ metric, aggregation }) => told.get(metric)?.isShared && !aggregation?.startsWith('max by ')),
      [],
    )
  })

  test('an alert says how urgent it is and in a sentence what is wrong', () => {
    for (const { alert, labels, annotations } of alerts) {
      assert.match(labels?.['severity'] ?? '', /^(page|ticket)$/, alert)
      assert.ok((annotations?.['summary'] ?? '').length > 20, alert)
    }
  })

  test('every alert has a test that has seen it fire', () => {
    const fired = firedInTests()
    assert.deepEqual(
      alerts.map(({ alert, labels }) => `${alert} ${labels?.['severity']}`).filter((one) => !fired.has(one)),
      [],
    )
  })

  test('every alert has a page that says what it means, what to look at and what to do, and no page is without one', () => {
    const names = [...new Set(alerts.map(({ alert }) => alert!))].sort()
    const index = readFileSync(join(root, 'docs/runbooks/README.md'), 'utf8')
    for (const { alert, annotations } of alerts) {
      const page = `docs/runbooks/${alert}.md`
      assert.equal(annotations?.['runbook'], page)
      assert.ok(existsSync(join(root, page)), page)
      const text = readFileSync(join(root, page), 'utf8')
      for (const part of [`# ${alert}`, '## What it means', '## What to look at', '## What to do', '\nTried: '])
        assert.ok(text.includes(part), `${page} has no ${part}`)
      assert.ok(index.includes(`(${alert}.md)`), `the list of pages does not have ${alert}`)
    }
    const pages = readdirSync(join(root, 'docs/runbooks')).filter((name) => name !== 'README.md')
    assert.deepEqual(
      pages.sort(),
      names.map((name) => `${name}.md`),
    )
  })

  test('the queries of the pages ask for what is told', () => {
    const links = /vmui\/#\/\?g0\.expr=([^&)\s]+)/g
    for (const page of readdirSync(join(root, 'docs/runbooks'))) {
      const text = readFileSync(join(root, 'docs/runbooks', page), 'utf8')
      const queries = [...text.matchAll(links)].map((match) => decodeURIComponent(match[1]!))
      if (page !== 'README.md') assert.ok(queries.length > 0, `${page} has no query`)
      for (const query of queries)
        for (const { metric } of selectedBy(query))
          assert.ok(told.has(metric) || recorded.has(metric) || foreign.test(metric), `${page}: ${metric}`)
    }
  })

  test('docs/operations.md lists every metric of ours, and marks what every replica tells alike', () => {
    const text = readFileSync(join(root, 'docs/operations.md'), 'utf8')
    const listed = [...text.matchAll(/^\| `([a-z_]+)(?:\{[^}]*\})?`( †)? \|/gm)].map(([, name, mark]) => ({
      name: name!,
      isShared: mark !== undefined,
    }))
    const ours = [...told]
      .filter(([name]) => !/^(process|nodejs)_|_(bucket|sum|count)$/.test(name))
      .map(([name, { isShared }]) => ({ name, isShared }))
    const histograms = [...told].filter(([name]) => name.endsWith('_bucket') && !/^nodejs_/.test(name))
    const wanted = [
      ...ours,
      ...histograms.map(([name, { isShared }]) => ({ name: name.replace(/_bucket$/, ''), isShared })),
    ]
    const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1)
    assert.deepEqual(listed.filter(({ name }) => !foreign.test(name)).sort(byName), wanted.sort(byName))
  })
})
