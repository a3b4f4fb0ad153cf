-- A message is written down when its cause is heard; how it reads is decided when it is sent.
create table messages (
  id uuid primary key default uuidv7(),
  -- The event, the payment attempt, or the request to send it again. Each kind has one recipient, so with the kind
  -- this makes one row per (event, kind, recipient), however often the event arrives.
  cause_id uuid not null,
  kind text not null,
  person_id uuid,
  order_id uuid,
  order_number text,
  -- Null while nobody is known to write to (the order was not heard of yet), and after the person was erased.
  recipient text,
  recipient_name text,
  language text not null,
  -- json, not jsonb: nobody looks into it, and it takes whatever a name may hold, \u0000 too. Null once erased.
  data json,
  status text not null check (status in ('pending', 'sent', 'failed', 'skipped', 'cancelled')),
  -- Why it is skipped, cancelled or failed, in a word.
  reason text,
  attempts int not null default 0,
  last_error text,
  queued_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  sending_until timestamptz,
  sent_at timestamptz,
  unique (cause_id, kind)
) with (fillfactor = 80);
create index messages_of_order on messages (order_id, id);
create index messages_of_person on messages (person_id, id);
create index messages_due on messages (due_at) where status = 'pending';
create index messages_without_recipient on messages (order_id) where status = 'pending' and recipient is null;
create index messages_unsent on messages (status, id) where status in ('failed', 'skipped', 'cancelled');

create table preferences (
  person_id uuid primary key,
  order_updates boolean not null,
  marketing boolean not null,
  changed_at timestamptz not null default now()
);

-- Never mailed again.
create table erased_people (
  person_id uuid primary key,
  erased_at timestamptz not null default now()
);
