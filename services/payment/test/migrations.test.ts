import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { connectDatabase } from '@mart/service-kit/postgres'
import { createTestDatabase } from '@mart/service-kit/testing'

const id = (n: number) => `00000000-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`

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

test('what waited for a provider in three places waits in one queue, and replicas of before and after do nothing twice', async () => {
  const { url, drop } = await createTestDatabase()
  const db = connectDatabase(url, { max: 1, applicationName: 'test' })
  const folder = new URL('../migrations/', import.meta.url)
  const migrations = (await readdir(folder)).sort()
  const run = async (names: readonly string[]) => {
    for (const name of names) await db.unsafe(await readFile(new URL(name, folder), 'utf8'))
  }
  const queue = async () =>
    Object.fromEntries(
      (
        await db`
          select coalesce(refund_id, attempt_id) || ' ' || kind as of, extract(epoch from due_at - now())::int as in_s, tries,
            ends_at is not null as ends, transaction_id, claimed_until > now() as is_claimed
          from provider_calls`
      ).map(({ of, ...row }) => [of, row]),
    )
  const call = (in_s: number, more: object = {}) => ({
    in_s,
    tries: 0,
    ends: false,
    transaction_id: null,
    is_claimed: null,
    ...more,
  })
  // A replica of before: what it calls providers for.
  const takesOfBefore = async () =>
    (
      await db`
        select id from attempts where next_call_at is not null
        union all select id from refunds where next_call_at is not null
        union all select attempt_id from looks where next_look_at is not null`
    ).length
  try {
    const place = migrations.indexOf('0010-provider-calls.sql')
    await run(migrations.slice(0, place))
    await db.unsafe(`
      begin;
      insert into payments (id, order_id, method, status, amount, currency)
        select ('00000000-0000-7000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, uuidv7(), 'stripe', 'pending', 1000, 'PKR'
        from generate_series(1, 8) n;
      insert into attempts (id, payment_id, number, method, status, session_id, go_token, next_call_at, tries) values
        ('${id(11)}', '${id(1)}', 1, 'stripe', 'created', null, 't', now(), 0),
        ('${id(12)}', '${id(2)}', 1, 'stripe', 'calling', null, 't', now() + interval '60 s', 3),
        ('${id(13)}', '${id(3)}', 1, 'payfast', 'voiding', 'cs_3', 't', now() + interval '20 s', 1),
        ('${id(14)}', '${id(4)}', 1, 'stripe', 'voiding', null, 't', now() + interval '30 s', 0),
        ('${id(15)}', '${id(5)}', 1, 'payfast', 'open', 'b', 't', null, 0),
        ('${id(16)}', '${id(6)}', 1, 'payfast', 'succeeded', 'b', 't', null, 0),
        ('${id(17)}', '${id(7)}', 1, 'stripe', 'succeeded', 'cs_7', 't', null, 0);
      insert into refunds (id, payment_id, attempt_id, method, status, amount, currency, is_extra, reason, next_call_at, tries) values
        ('${id(21)}', '${id(6)}', '${id(16)}', 'payfast', 'requested', 100, 'PKR', false, 'x', now(), 0),
        ('${id(22)}', '${id(6)}', '${id(16)}', 'payfast', 'calling', 100, 'PKR', false, 'x', now() + interval '150 s', 0),
        ('${id(23)}', '${id(7)}', '${id(17)}', 'stripe', 'pending', 100, 'PKR', false, 'x', now() + interval '1 h', 0),
        ('${id(24)}', '${id(7)}', '${id(17)}', 'stripe', 'succeeded', 100, 'PKR', false, 'x', null, 2);
      insert into looks (attempt_id, next_look_at, tries, transaction_id, until) values
        ('${id(15)}', now() + interval '40 s', 2, 't-1', now() + interval '1 day'),
        ('${id(16)}', null, 4, null, now());`)
    await run(['0010-provider-calls.sql'])
    const moved = {
      [`${id(11)} open`]: call(0),
      [`${id(12)} open`]: call(60, { tries: 3 }),
      [`${id(13)} end`]: call(20, { tries: 1 }),
      [`${id(14)} open`]: call(30),
      [`${id(15)} poll`]: call(40, { tries: 2, ends: true, transaction_id: 't-1' }),
      [`${id(21)} refund`]: call(0),
      [`${id(22)} refund`]: call(150),
      [`${id(23)} refund`]: call(3_600),
    }
    assert.deepEqual(await queue(), moved)
    assert.equal(await takesOfBefore(), 0, 'a replica of before finds nothing to call')

    // A replica of before writes on: an answer of a call that it had made, a new attempt, an end, a refund, a look.
    await db.unsafe(`
      update attempts set next_call_at = now() + interval '2 s', tries = 4 where id = '${id(12)}';
      update attempts set status = 'voiding', next_call_at = now(), tries = 0 where id = '${id(15)}';
      insert into attempts (id, payment_id, number, method, status, go_token, next_call_at)
        values ('${id(18)}', '${id(8)}', 1, 'stripe', 'created', 't', now());
      insert into refunds (id, payment_id, attempt_id, method, status, amount, currency, is_extra, reason, next_call_at)
        values ('${id(25)}', '${id(7)}', '${id(17)}', 'stripe', 'requested', 100, 'PKR', false, 'x', now());
      insert into looks (attempt_id, next_look_at, until, transaction_id)
        values ('${id(15)}', now(), now() + interval '2 days', null)
        on conflict (attempt_id) do update set next_look_at = least(looks.next_look_at, excluded.next_look_at), tries = 0;`)
    const written = {
      ...moved,
      [`${id(12)} open`]: call(2, { tries: 4 }),
      [`${id(15)} end`]: call(0),
      [`${id(18)} open`]: call(0),
      [`${id(25)} refund`]: call(0),
      [`${id(15)} poll`]: call(0, { ends: true, transaction_id: 't-1' }),
    }
    assert.deepEqual(await queue(), written)
    assert.equal(await takesOfBefore(), 0)

    // What a new replica has claimed stays claimed, whatever one of before wants of it.
    await db.unsafe(`
      update provider_calls set claimed_until = now() + interval '90 s', due_at = now() + interval '90 s'
        where attempt_id = '${id(18)}' or refund_id = '${id(25)}';
      update attempts set next_call_at = now() where id = '${id(18)}';
      update refunds set next_call_at = now() where id = '${id(25)}';`)
    const claimed = call(90, { is_claimed: true })
    assert.deepEqual(await queue(), { ...written, [`${id(18)} open`]: claimed, [`${id(25)} refund`]: claimed })
    assert.equal(await takesOfBefore(), 0)
    await db.unsafe('rollback')
  } finally {
    await db.end()
    await drop()
  }
})
