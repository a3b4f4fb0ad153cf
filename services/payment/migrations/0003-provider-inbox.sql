alter table provider_events
  add column id uuid not null default uuidv7(),
  add column attempt_id uuid references attempts,
  add constraint provider_events_id unique (id);
create index provider_events_by_outcome on provider_events (outcome, id desc);
create index provider_events_of_attempt on provider_events (attempt_id) where attempt_id is not null;

-- Attempts whose outcome only the provider's own record tells: its page may have been opened, or somebody told us of it.
create table looks (
  attempt_id uuid primary key references attempts,
  next_look_at timestamptz, -- null: nothing more to look for; while a look runs, when its lease ends
  tries int not null default 0,
  transaction_id text, -- what a notification named: a hint, no proof
  until timestamptz not null,
  news text, -- what the last look saw
  looked_at timestamptz
);
create index looks_due on looks (next_look_at) where next_look_at is not null;
