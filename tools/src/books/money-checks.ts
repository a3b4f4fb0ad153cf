import { type Check, faultsOf } from './check.ts'

const promise = '2 never charged twice, never for nothing'

/** The ledger of money against what the payment service says otherwise. */
export const moneyChecks: readonly Check[] = [
  {
    promise,
    says: 'every transaction of the ledger balances',
    check: ({ payment }) =>
      faultsOf(
        payment,
        `select 'transaction ' || transaction_id || ' is off by ' || sum(amount) || ' ' || currency as fault
         from ledger group by transaction_id, currency having sum(amount) <> 0`,
      ),
  },
  {
    promise,
    says: 'every payment is what its ledger recomputes',
    check: ({ payment }) =>
      faultsOf(
        payment,
        `with posted as (
           select payment_id, refund_id, coalesce(-sum(amount) filter (where account = 'sales'), 0) as paid,
             coalesce(sum(amount) filter (where account = 'refunds'), 0) as given_up,
             coalesce(-sum(amount) filter (where account = 'customer'), 0) as owed
           from ledger group by payment_id, refund_id
         ), ledgers as (
           select payment_id, sum(paid) as kept, sum(owed) as owed,
             coalesce(sum(given_up) filter (where owed = 0), 0) as refunded
           from posted group by payment_id
         ), said as (
           select p.id, p.status, p.refunded, a.id is not null or p.collected is not null as is_paid,
             case when a.id is not null then p.amount else coalesce(p.collected, 0) end as kept,
             (select coalesce(sum(amount), 0) from refunds r where r.payment_id = p.id and r.status <> 'succeeded') as owed
           from payments p left join attempts a on a.payment_id = p.id and a.status = 'succeeded'
         )
         select 'payment ' || s.id || ' (' || s.status || '): kept ' || s.kept || ', owed ' || s.owed || ', refunded '
           || s.refunded || '; by the ledger ' || coalesce(l.kept, 0) || ', ' || coalesce(l.owed, 0) || ', '
           || coalesce(l.refunded, 0) as fault
         from said s left join ledgers l on l.payment_id = s.id
         where s.kept <> coalesce(l.kept, 0) or s.owed <> coalesce(l.owed, 0)
           or (s.is_paid and s.refunded <> coalesce(l.refunded, 0))`,
      ),
  },
  {
    promise: '3 never lost',
    says: 'cash is with the courier until he has handed it in, by the ledger too',
    check: ({ payment }) =>
      faultsOf(
        payment,
        `with held as (
           select payment_id, coalesce(sum(amount) filter (where account like 'courier:%'), 0) as courier,
             coalesce(sum(amount) filter (where account = 'cash'), 0) as cash
           from ledger group by payment_id
         )
         select 'payment ' || p.id || ': ' || h.courier || ' with the courier, ' || h.cash || ' in cash, of '
           || p.collected || case when p.handed_in_at is null then ' to hand in' else ' handed in' end as fault
         from payments p join held h on h.payment_id = p.id
         where p.collected is not null and (h.courier, h.cash) is distinct from (
           case when p.handed_in_at is null then p.collected else 0 end,
           case when p.handed_in_at is null then 0 else p.collected end)`,
      ),
  },
  {
    promise,
    says: 'what a provider sent back are refunds of ours',
    check: ({ payment }) =>
      faultsOf(
        payment,
        `select 'attempt ' || a.id || ': ' || a.refunded_there || ' went back, refunds of ours ' || coalesce(r.sum, 0) as fault
         from attempts a left join (
           select attempt_id, sum(amount) from refunds where provider_refund_id is not null group by attempt_id
         ) r on r.attempt_id = a.id
         where a.refunded_there > coalesce(r.sum, 0)`,
      ),
  },
  {
    promise: '3 never lost',
    says: 'money that no provider sends back is a task of staff',
    check: ({ payment }) =>
      faultsOf(
        payment,
        `select 'refund ' || r.id || ' is ' || r.status || ' and nobody''s task' as fault from refunds r
         where r.status in ('failed', 'unknown')
           and not exists (select from refund_tasks t where t.refund_id = r.id and t.done_at is null)`,
      ),
  },
  {
    promise,
    says: 'the last reconciliation compared everything, and found nothing at a provider that is not here too',
    check: ({ payment }) =>
      faultsOf(
        payment,
        `select coalesce('attempt ' || attempt_id, method) || ': ' || kind || ', ' || detail as fault
         from reconciliation_findings
         where kind in ('missing_here', 'differs', 'unconfirmed', 'not_compared') and reconciliation_id = (
           select id from reconciliations where finished_at is not null order by id desc limit 1)`,
      ),
  },
]
