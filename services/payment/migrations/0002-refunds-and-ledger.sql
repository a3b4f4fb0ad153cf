create table refunds (
  id uuid primary key,
  payment_id uuid not null references payments,
  attempt_id uuid references attempts,
  method text not null,
  provider_payment_id text,
  provider_refund_id text,
  status text not null,
  amount bigint not null check (amount > 0),
  currency text not null,
  is_extra boolean not null, -- of money that came besides what pays the order
  reason text not null,
  asked_by uuid,
  key_number int not null default 1, -- idempotency keys used up so far at the provider
  next_call_at timestamptz, -- when the provider is called next; while a call runs, when its lease ends
  tries int not null default 0,
  error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index refunds_of_payment on refunds (payment_id);
create index refunds_to_call on refunds (next_call_at) where next_call_at is not null;
create index refunds_by_charge on refunds (provider_payment_id) where provider_payment_id is not null;
create unique index refunds_by_provider on refunds (method, provider_refund_id) where provider_refund_id is not null;

-- What stands is for people to send, as it was.
insert into refunds (id, payment_id, attempt_id, method, provider_payment_id, status, amount, currency, is_extra, reason,
  asked_by, error, created_at)
select t.id, t.payment_id, t.attempt_id, t.method, t.provider_payment_id,
  case when t.done_at is null then 'failed' else 'succeeded' end, t.amount, t.currency,
  t.attempt_id is not null and not exists (
    select from attempts a
    where a.id = t.attempt_id and a.status = 'succeeded' and a.provider_payment_id is not distinct from t.provider_payment_id),
  t.reason, t.asked_by, case when t.done_at is null then 'left to people before refunds were automatic' end, t.created_at
from refund_tasks t;

alter table refund_tasks
  add column kind text not null default 'refund',
  add column refund_id uuid references refunds;
update refund_tasks set refund_id = id;
create unique index refund_tasks_of_refund on refund_tasks (refund_id) where refund_id is not null;

alter table attempts add column refunded_there bigint not null default 0; -- the most that the provider says went back

alter table payments
  add column dispute_status text,
  add column disputed_amount bigint not null default 0,
  add column carrier text,
  add column delivered_at timestamptz;
update payments set dispute_status = 'open', disputed_amount = amount where disputed;
update payments set delivered_at = updated_at where collected is not null;
create index payments_by_delivery on payments (delivered_at) where delivered_at is not null;

-- Money, by double entry: every transaction balances in each currency, nothing is ever changed.
create table ledger (
  id bigint generated always as identity primary key,
  transaction_id uuid not null,
  payment_id uuid not null references payments,
  refund_id uuid references refunds,
  account text not null,
  currency text not null,
  amount bigint not null check (amount <> 0), -- minor units; positive: debit, negative: credit
  posted_at timestamptz not null default now()
);
create index ledger_of_transaction on ledger (transaction_id);
create index ledger_of_payment on ledger (payment_id);
create index ledger_posted_at on ledger using brin (posted_at);

create function check_ledger_balance() returns trigger language plpgsql as $$
begin
  if exists (
    select from ledger where transaction_id = new.transaction_id group by currency having sum(amount) <> 0
  ) then
    raise exception 'transaction % of the ledger does not balance', new.transaction_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger ledger_balances after insert on ledger
  deferrable initially deferred for each row execute function check_ledger_balance();

create function refuse_ledger_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is only added to' using errcode = 'check_violation';
end $$;
create trigger ledger_is_append_only before update or delete or truncate on ledger
  for each statement execute function refuse_ledger_change();

-- The opening entries: what stands.
with posted as (
  select p.id as payment_id, null::uuid as refund_id, v.account, p.currency, v.amount
  from payments p
  left join attempts a on a.payment_id = p.id and a.status = 'succeeded'
  cross join lateral (values
    (case when a.id is null then 'courier:unknown' else 'provider:' || a.method end,
     case when a.id is null then coalesce(p.collected, 0) else p.amount end),
    ('sales', -case when a.id is null then coalesce(p.collected, 0) else p.amount end)) v (account, amount)
  union all
  select r.payment_id, r.id, v.account, r.currency, v.amount
  from refunds r
  cross join lateral (values
    (case when r.is_extra then 'provider:' || r.method else 'refunds' end, r.amount),
    (case when r.status = 'succeeded' then 'by_hand' else 'customer' end, -r.amount)) v (account, amount)
), named as (
  select p.id as payment_id, gen_random_uuid() as transaction_id from payments p
)
insert into ledger (transaction_id, payment_id, refund_id, account, currency, amount)
select n.transaction_id, p.payment_id, p.refund_id, p.account, p.currency, p.amount
from posted p join named n using (payment_id) where p.amount <> 0;
