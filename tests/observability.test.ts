import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { serviceNames } from '@mart/contracts/services'
import { tellStory } from '@mart/demo/story'
import { type Mart, startMart } from '@mart/local/mart'
import { checkPort, portsAt } from '@mart/local/ports'
import { readSettings } from '@mart/local/settings'
import { eventually } from '@mart/service-kit/eventually'
import { temporaryFolder } from '@mart/service-kit/testing-folder'
import { dashboardQueries } from '../deploy/observability/dashboards/dashboards.ts'

const PORT_OFFSET = 9_000
const PATIENCE_MS = 60_000

const settings = readSettings({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  MART_DATA_DIR: join(temporaryFolder(), 'data'),
  MART_PORT_OFFSET: String(PORT_OFFSET),
  MART_OBSERVE: 'on',
})

async function ask(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  const text = await answer.text()
  assert.equal(answer.status, 200, `${url}: ${text}`)
  return text
}

/** The series that a query has now, each with its labels and its number. */
async function series(mart: Mart, query: string): Promise<{ metric: Record<string, string>; value: number }[]> {
  const { data } = JSON.parse(
    await ask(`${mart.addresses.metrics}/api/v1/query?query=${encodeURIComponent(query)}`),
  ) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }
  return data.result.map(({ metric, value: [, number] }) => ({ metric, value: Number(number) }))
}

/** The queries of all dashboards that have no line in the last ten minutes, in the one form and in the other. */
async function emptyQueries(mart: Mart): Promise<string[]> {
  const forms = dashboardQueries.flatMap(({ where, query }) => [
    { where, asked: query.replaceAll('$window', '1m').replaceAll('$service', '.*') },
    { where, asked: query.replaceAll('[$window]', '').replaceAll('$service', 'order') },
  ])
  const empty: string[] = []
  for (const { where, asked } of forms) {
    const range = new URLSearchParams({ query: asked, start: '-10m', step: '15s' })
    const { data } = JSON.parse(await ask(`${mart.addresses.metrics}/api/v1/query_range?${range}`)) as {
      data: { result: unknown[] }
    }
    if (data.result.length === 0) empty.push(`${where}: ${asked}`)
  }
  return empty
}

test('with --observe every service is scraped, its lines are found, the dashboards show something, and nothing is left', async () => {
  const mart = await startMart({ settings })
  try {
    // Each names itself, so this tells who was asked.
    const told = async () => (await series(mart, 'process_start_time_seconds')).map(({ metric }) => metric['service'])
    await eventually(
      async () => (await told()).length > serviceNames.length,
      'the six and the gateway tell their metrics',
      PATIENCE_MS,
    )
    assert.deepEqual((await told()).sort(), ['gateway', ...serviceNames].sort())

    const lines = () => ask(`${mart.addresses.logs}/select/logsql/query?query=${encodeURIComponent('service:=order')}`)
    await eventually(async () => (await lines()).includes('"_msg":"ready"'), "the order service's lines", PATIENCE_MS)

    assert.match(await ask(mart.addresses.observability!), /data-port="metrics"/)
    assert.match(await ask(`${mart.addresses.observability}/traces.js`), /export async function tracesPath/)
    const ports = JSON.parse(await ask(`${mart.addresses.observability}/ports.json`)) as Record<string, number>
    assert.equal(ports['metrics'], portsAt(PORT_OFFSET).metrics)
    assert.equal(ports['shop'], portsAt(PORT_OFFSET).shop)
    assert.match(await ask(`${mart.addresses.metrics}/vmui/config.json`), /"vmalert":\{"enabled":true\}/)

    assert.deepEqual(await tellStory(mart, () => undefined), [])
    const answered = async () => (await series(mart, 'order_answer_seconds_count')).length > 0
    await eventually(answered, 'the first story is scraped', PATIENCE_MS)
    // A line that begins between two scrapes has grown by nothing yet.
    assert.deepEqual(await tellStory(mart, () => undefined), [])
    await eventually(
      async () => (await emptyQueries(mart)).length === 0,
      'every query has an answer',
      PATIENCE_MS,
    ).catch(async () => assert.deepEqual(await emptyQueries(mart), []))
  } finally {
    await mart.stop()
  }
  for (const [name, port] of Object.entries(portsAt(PORT_OFFSET))) await checkPort(name, port, '127.0.0.1')
})
