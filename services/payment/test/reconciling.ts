import assert from 'node:assert/strict'
import type { ReconciliationShape } from '@mart/contracts/http/reconciliation-shapes'
import { eventually } from '@mart/service-kit/testing'
import { type PaymentService, staff } from './payment-fixture.ts'

export type Asking = Pick<PaymentService, 'http' | 'service'>

/** Has staff ask for a reconciliation. Resolves with its report once it is finished. */
export async function reconcile(shop: Asking): Promise<ReconciliationShape> {
  const asked = await shop.http('POST', '/reconciliations', { as: staff })
  assert.equal(asked.status, 202)
  let report: ReconciliationShape | undefined
  await eventually(async () => {
    const { body } = await shop.http('GET', '/reconciliations', { as: staff })
    report = body.items.find((one: ReconciliationShape) => one.id === asked.body.id)
    return report?.finished_at != null
  }, 'the report is there')
  return report!
}

/** The attempts of this order have been open for two hours. */
export const age = (shop: Asking, orderId: string) => shop.service.db`
  update attempts set created_at = now() - interval '2 hours'
  where payment_id = (select id from payments where order_id = ${orderId})`
