-- Rows stay for milliseconds: the index is small and the table is mostly free space that is used again.
create table outbox (
  seq bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  value text not null,
  headers text not null,
  said_at timestamptz not null default now()
);

create table relay_lease (
  one boolean primary key default true check (one),
  holder text not null default '',
  held_until timestamptz not null default '-infinity'
) with (fillfactor = 50);
insert into relay_lease default values;

create table inbox (
  topic text not null,
  event_id uuid not null,
  heard_at timestamptz not null default now(),
  primary key (topic, event_id)
);
create index inbox_heard_at on inbox using brin (heard_at);

create table parked (
  id uuid primary key,
  seq bigint generated always as identity,
  topic text not null,
  partition int not null,
  record_offset bigint not null,
  key text,
  event_id uuid,
  event_type text,
  value text,
  headers text not null,
  error text not null,
  blocks_key boolean not null,
  parked_at timestamptz not null default now(),
  dropped_at timestamptz,
  dropped_by text,
  note text
);
create index parked_waiting on parked (topic, key, seq) where dropped_at is null;

create table blocked_keys (
  topic text not null,
  key text not null,
  since timestamptz not null default now(),
  primary key (topic, key)
);

create table idempotency_keys (
  scope text not null,
  key text not null,
  body_hash text not null,
  status int not null,
  answer text not null,
  answered_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_keys_answered_at on idempotency_keys using brin (answered_at);

-- For a trigger that must speak where no code of ours runs. The headers are those of outbox.ts.
create function add_to_outbox(topic text, key text, source text, type text, version int, data jsonb) returns void
language sql as $$
  insert into outbox (topic, key, value, headers)
  values (topic, key, data::text, jsonb_build_object(
    'ce_specversion', '1.0', 'ce_id', uuidv7(), 'ce_type', type, 'ce_source', source,
    'ce_time', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'ce_dataschema', 'https://ai-mart.example/events/' || type || '/' || version,
    'content-type', 'application/json')::text)
$$;
