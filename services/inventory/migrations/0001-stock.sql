create table products (
  id uuid primary key,
  version int not null
);

-- Half of each page is free, and no index names a column that a reservation changes: an update stays on its page (HOT).
create table stock (
  sku text primary key,
  on_hand bigint not null default 0 check (on_hand >= 0),
  reserved bigint not null default 0,
  low_stock_at int not null check (low_stock_at >= 0),
  -- The class last said to others; a SKU that never had stock is out, and nobody needs to be told.
  availability text not null default 'out' check (availability in ('in_stock', 'low', 'out')),
  availability_said_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint reserved_is_on_hand check (reserved between 0 and on_hand)
) with (fillfactor = 50);
create index stock_below_low on stock (sku) where availability <> 'in_stock';
create index stock_availability_said_at on stock (availability_said_at);

-- seq grows under the lock of the SKU's stock row, so it is the true order of a SKU's movements.
create table movements (
  seq bigint generated always as identity,
  id uuid not null default uuidv7(),
  sku text not null references stock,
  delta bigint not null,
  reason text not null check (reason in ('received', 'returned', 'damaged', 'count', 'correction', 'sold')),
  on_hand_after bigint not null check (on_hand_after >= 0),
  at timestamptz not null default now(),
  by text not null,
  note text,
  primary key (sku, seq)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% are append-only', tg_table_name;
end $$;
create trigger movements_are_append_only before update or delete or truncate on movements
  for each statement execute function refuse_change();

-- Every order heard of, in whatever event came first: what is here is never reserved again.
create table orders_seen (
  order_id uuid primary key,
  seen_at timestamptz not null default now()
);

create table reservations (
  order_id uuid not null,
  sku text not null,
  quantity bigint not null check (quantity > 0),
  state text not null default 'open' check (state in ('open', 'released', 'committed')),
  reserved_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (order_id, sku)
) with (fillfactor = 80);
create index reservations_of_sku on reservations (sku, order_id);
