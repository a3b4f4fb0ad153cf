import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { connectDatabase } from '@mart/service-kit/postgres'
import { createTestDatabase } from '@mart/service-kit/testing'

const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`

test('what stood before refunds were records of their own stays, and the ledger opens with it', async () => {
  const { url, drop } = await createTestDatabase()
  const db = connectDatabase(url, { max: 1, applicationName: 'test' })
  const migrate = async (name: string) =>
    await db.unsafe(await readFile(new URL(`../migrations/${name}.sql`, import.meta.url), 'utf8'))
  try {
    await migrate('0001-payments')
    await db.unsafe(`
      insert into payments (id, order_id, method, status, amount, currency, refunded, collected) values
        ('${id(1)}', '${id(1)}', 'stripe', 'partially_refunded', 1000, 'PKR', 300, null),
        ('${id(2)}', '${id(2)}', 'cash_on_delivery', 'succeeded', 700, 'PKR', 0, 700),
        ('${id(3)}', '${id(3)}', 'stripe', 'voided', 500, 'PKR', 0, null);
      insert into attempts (id, payment_id, number, method, status, provider_payment_id, go_token) values
        ('${id(4)}', '${id(1)}', 1, 'stripe', 'succeeded', 'pi_1', 't'),
        ('${id(5)}', '${id(3)}', 1, 'stripe', 'voided', null, 't');
      insert into refund_tasks (id, payment_id, order_id, attempt_id, method, provider_payment_id, amount, currency, reason,
        done_by, done_at) values
        ('${id(6)}', '${id(1)}', '${id(1)}', '${id(4)}', 'stripe', 'pi_1', 300, 'PKR', 'broken', '${id(9)}', now()),
        ('${id(7)}', '${id(3)}', '${id(3)}', '${id(5)}', 'stripe', 'pi_late', 500, 'PKR', 'paid_too_late', null, null);`)
    await migrate('0002-refunds-and-ledger')
    assert.deepEqual(
      [...(await db`select id, status, is_extra, next_call_at from refunds order by id`)],
      [
        { id: id(6), status: 'succeeded', is_extra: false, next_call_at: null },
        { id: id(7), status: 'failed', is_extra: true, next_call_at: null },
      ],
    )
    const linked = await db`select count(*)::int as n from refund_tasks where refund_id = id and kind = 'refund'`
    assert.equal(linked[0]?.['n'], 2)
    assert.deepEqual(
      [...(await db`select account, sum(amount)::int as amount from ledger group by account order by account`)],
      [
        { account: 'by_hand', amount: -300 },
        { account: 'courier:unknown', amount: 700 },
        { account: 'customer', amount: -500 },
        { account: 'provider:stripe', amount: 1_500 },
        { account: 'refunds', amount: 300 },
        { account: 'sales', amount: -1_700 },
      ],
    )
    await migrate('0003-provider-inbox')
    await migrate('0004-reconciliations')
    await db.unsafe(`
      insert into reconciliations (id) values ('${id(8)}');
      insert into reconciliation_findings values ('${id(8)}', '${id(4)}', 'undecided', 'x');`)
    await migrate('0005-reconciled-events')
    assert.deepEqual(
      [...(await db`select subject, attempt_id, method from reconciliation_findings`)],
      [{ subject: id(4), attempt_id: id(4), method: 'stripe' }],
      'a finding of before events were read stays',
    )
  } finally {
    await db.end()
    await drop()
  }
})
