-- One queue of what is to be asked of providers: what waited in attempts, refunds and looks is moved into it. Whoever is
-- taking a call the old way ends first, and nobody does it any more afterwards.
lock table payments, attempts, refunds, looks in exclusive mode;

create table provider_calls (
  id uuid primary key default uuidv7(),
  payment_id uuid not null references payments,
  kind text not null check (kind in ('open', 'end', 'poll', 'refund')),
  attempt_id uuid not null references attempts,
  refund_id uuid references refunds,
  due_at timestamptz not null, -- while it is claimed: when the claim ends
  claimed_until timestamptz,
  tries int not null default 0,
  ends_at timestamptz, -- of a poll: nobody asks any more after this
  transaction_id text, -- of a poll: what a notification named, a hint, no proof
  error text, -- why it was set aside the last time: a fault of ours
  check ((kind = 'refund') = (refund_id is not null))
);
create index provider_calls_due on provider_calls (due_at);
create index provider_calls_of_payment on provider_calls (payment_id);
create unique index provider_calls_of_attempt on provider_calls (attempt_id) where kind in ('open', 'end');
create unique index provider_calls_poll on provider_calls (attempt_id) where kind = 'poll';
create unique index provider_calls_of_refund on provider_calls (refund_id) where refund_id is not null;

-- A replica of before still writes the old columns, and finds nothing in them: what it wants is in the queue at once, and
-- made by a new one. The columns next_call_at and tries, the table looks and these triggers go with a later release.
create function queue_attempt() returns trigger language plpgsql as $$
begin
  insert into provider_calls as c (payment_id, kind, attempt_id, due_at, tries)
  values (new.payment_id, case when new.status = 'voiding' and new.session_id is not null then 'end' else 'open' end,
    new.id, new.next_call_at, new.tries)
  on conflict (attempt_id) where kind in ('open', 'end') do update set
    kind = excluded.kind, tries = excluded.tries,
    due_at = case when c.claimed_until > now() then c.due_at else excluded.due_at end;
  update attempts set next_call_at = null where id = new.id;
  return null;
end $$;
create trigger attempts_are_queued after insert or update on attempts
  for each row when (new.next_call_at is not null) execute function queue_attempt();

create function queue_refund() returns trigger language plpgsql as $$
begin
  insert into provider_calls as c (payment_id, kind, attempt_id, refund_id, due_at, tries)
  select new.payment_id, 'refund', new.attempt_id, new.id, new.next_call_at, new.tries where new.attempt_id is not null
  on conflict (refund_id) where refund_id is not null do update set
    tries = excluded.tries, due_at = case when c.claimed_until > now() then c.due_at else excluded.due_at end;
  update refunds set next_call_at = null where id = new.id;
  return null;
end $$;
create trigger refunds_are_queued after insert or update on refunds
  for each row when (new.next_call_at is not null) execute function queue_refund();

create function queue_look() returns trigger language plpgsql as $$
begin
  insert into provider_calls as c (payment_id, kind, attempt_id, due_at, tries, ends_at, transaction_id)
  select payment_id, 'poll', id, new.next_look_at, new.tries, new.until, new.transaction_id
  from attempts where id = new.attempt_id
  on conflict (attempt_id) where kind = 'poll' do update set
    due_at = least(c.due_at, excluded.due_at), tries = excluded.tries, ends_at = greatest(c.ends_at, excluded.ends_at),
    transaction_id = coalesce(excluded.transaction_id, c.transaction_id);
  update looks set next_look_at = null where attempt_id = new.attempt_id;
  return null;
end $$;
create trigger looks_are_queued after insert or update on looks
  for each row when (new.next_look_at is not null) execute function queue_look();

update attempts set next_call_at = next_call_at where next_call_at is not null;
update refunds set next_call_at = next_call_at where next_call_at is not null;
update looks set next_look_at = next_look_at where next_look_at is not null;
