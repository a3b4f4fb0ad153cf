-- Who this mart is at a provider whose account may be shared with others.
create table mart (
  one boolean primary key default true check (one),
  id uuid not null default uuidv7()
);
insert into mart default values;

create table payments (
  id uuid primary key,
  order_id uuid not null unique,
  customer_id uuid,
  method text not null,
  status text not null,
  amount bigint not null check (amount >= 0),
  currency text not null,
  refunded bigint not null default 0 check (refunded >= 0), -- of what paid the order; extra money that went back is in refund_tasks
  collected bigint check (collected >= 0),
  disputed boolean not null default false,
  attempt int not null default 0, -- the newest number that order asked for, cash included
  due_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index payments_of_customer on payments (customer_id, id desc) where customer_id is not null;

create table attempts (
  id uuid primary key,
  payment_id uuid not null references payments,
  number int not null,
  method text not null,
  status text not null,
  key_number int not null default 1, -- idempotency keys used up so far at the provider
  session_id text,
  provider_payment_id text,
  url text,
  go_token text not null,
  next_call_at timestamptz, -- when the provider is called next; while a call runs, when its lease ends
  tries int not null default 0,
  error text,
  expires_at timestamptz,
  basket jsonb, -- what the provider is told: lines, shipping, e-mail; gone once the attempt has ended
  created_at timestamptz not null default now(),
  unique (payment_id, number)
);
create index attempts_to_call on attempts (next_call_at) where next_call_at is not null;
create index attempts_by_charge on attempts (provider_payment_id) where provider_payment_id is not null;
create unique index attempts_paid_once on attempts (payment_id) where status = 'succeeded';

-- Also of orders that this service never heard of: nothing is opened for them later.
create table order_voids (
  order_id uuid primary key,
  if_paid text not null,
  answered boolean not null,
  created_at timestamptz not null default now()
);

create table provider_events (
  provider text not null,
  event_id text not null,
  type text not null,
  payment_id uuid references payments,
  outcome text not null,
  payload jsonb not null, -- without names, addresses, e-mail
  received_at timestamptz not null default now(),
  primary key (provider, event_id)
);
create index provider_events_of_payment on provider_events (payment_id) where payment_id is not null;
create index provider_events_received_at on provider_events using brin (received_at);

create table refund_tasks (
  id uuid primary key,
  payment_id uuid not null references payments,
  order_id uuid not null,
  attempt_id uuid references attempts,
  method text not null,
  provider_payment_id text,
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text not null,
  asked_by uuid,
  created_at timestamptz not null default now(),
  taken_by uuid,
  taken_at timestamptz,
  done_by uuid,
  done_at timestamptz,
  note text
);
create index refund_tasks_of_payment on refund_tasks (payment_id);
create index refund_tasks_open on refund_tasks (id) where done_at is null;

create table erased_people (
  user_id uuid primary key,
  erased_at timestamptz not null
);
