create sequence order_numbers start 100000 increment 100;

create table orders (
  id uuid primary key,
  number text not null unique,
  customer_id uuid,
  status text not null,
  currency text not null,
  lines jsonb not null,
  subtotal bigint not null,
  shipping bigint not null,
  tax bigint not null default 0,
  discount bigint not null default 0,
  total bigint not null,
  payment_method text not null,
  payment_status text not null default 'pending',
  payment_url text,
  attempt int not null default 0,
  payment_due_at timestamptz,
  if_paid text,
  cancel_reason text,
  missing jsonb not null default '[]',
  refunding boolean not null default false,
  contact jsonb not null,
  shipping_address jsonb not null,
  note text,
  holds text[] not null default '{}',
  carrier text,
  tracking_number text,
  collected bigint,
  history_count int not null default 1,
  placed_at timestamptz not null,
  updated_at timestamptz not null
) with (fillfactor = 70);

create index orders_of_customer on orders (customer_id, id);
create index orders_by_status on orders (status, id);
create index orders_due on orders (payment_due_at) where status = 'awaiting_payment';
create index orders_open on orders (customer_id)
  where status in ('placed', 'awaiting_payment') or (status = 'confirmed' and payment_method = 'cash_on_delivery');

create table order_history (
  order_id uuid not null,
  n int not null,
  status text not null,
  what text not null,
  reason text,
  cause_event_id uuid,
  cause_type text,
  at timestamptz not null,
  primary key (order_id, n)
);

-- The order service's own copy of what is for sale, fed by mart.products.
create table catalogue_products (
  product_id uuid primary key,
  version int not null
);

create table catalogue_skus (
  sku text primary key,
  product_id uuid not null references catalogue_products,
  name text not null,
  prices jsonb not null,
  for_sale boolean not null
);
create index catalogue_skus_of_product on catalogue_skus (product_id);

create table erased_people (
  customer_id uuid primary key,
  erased_at timestamptz not null default now()
);
