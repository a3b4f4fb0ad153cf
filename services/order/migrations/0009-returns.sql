-- What a buyer sends back, or wants to. Lines are written once: [{sku, name, quantity, reason}], and what has come as
-- [{sku, quantity, condition}].
create table returns (
  id uuid primary key,
  order_id uuid not null references orders,
  status text not null check (status in ('requested', 'approved', 'refused', 'received', 'refunded')),
  lines jsonb not null,
  received jsonb not null default '[]',
  note text,
  refusal text,
  refund bigint not null check (refund >= 0),
  refunded bigint check (refunded >= 0),
  requested_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 80);
create index returns_of_order on returns (order_id, id);
create index returns_by_status on returns (status, id);

-- A return of it is under way: it is not over yet, and its buyer is not forgotten.
alter table orders add column return_open boolean not null default false;
