// `npm run reconcile`: lays the payment providers' own records beside those of the mart that runs here, or of the one that
// the environment names, and prints what does not agree.
import { randomUUID } from 'node:crypto'
import type { ReconciliationShape } from '@mart/contracts/http/reconciliation-shapes'
import { type Answer, knownShopper } from '@mart/demo/shopper'
import type { MartVisited } from '@mart/demo/visited-mart'
import { eventually } from '@mart/service-kit/eventually'
import { MartFault } from '@mart/service-kit/fault'
import { martHere } from './mart-here.ts'
import { knowsRemoteMart, readRemoteMart } from './remote-mart.ts'

const PATIENCE_MS = 10 * 60_000

try {
  const report = await reconcile(knowsRemoteMart(process.env) ? readRemoteMart(process.env) : martHere())
  print(report)
  process.exitCode = report.findings.every(({ kind }) => kind === 'mended') ? 0 : 1
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

async function reconcile({ addresses, adminEmail, adminPassword }: MartVisited): Promise<ReconciliationShape> {
  const staff = await knownShopper(addresses, adminEmail, adminPassword)
  const headers = { 'idempotency-key': randomUUID() }
  const { id } = wanted(await staff.api('payment', 'POST', '/reconciliations', { headers }), 202)
  let report: ReconciliationShape | undefined
  await eventually(
    async () => {
      const { items } = wanted(await staff.api('payment', 'GET', '/reconciliations?limit=100'), 200)
      report = items.find((one: ReconciliationShape) => one.id === id && one.finished_at !== null)
      return report !== undefined
    },
    'the reconciliation is finished',
    PATIENCE_MS,
  )
  return report!
}

function wanted({ status, body }: Answer, expected: number) {
  if (status !== expected) throw new MartFault(`payment answered ${status}: ${JSON.stringify(body)}`)
  return body
}

function print({ looked_at, events_read, findings }: ReconciliationShape): void {
  console.log(`${looked_at} attempts and ${events_read} events were compared with the providers' records.`)
  for (const { kind, order_id, method, detail } of findings)
    console.log(`  ${kind.padEnd(13)} ${order_id ? `order ${order_id}, ` : ''}${method}: ${detail}`)
  const left = findings.filter(({ kind }) => kind !== 'mended').length
  if (findings.length === 0) console.log('All agree.')
  else if (left === 0) console.log('What was lost has been applied now: nothing is left to do.')
  else console.log(`${left} of these are left to look into: docs/payments.md, Reconciliation reports.`)
}
