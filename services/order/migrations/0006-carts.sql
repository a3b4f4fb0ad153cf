-- What somebody means to buy. An anonymous cart is reached by a secret of which only the hash is here, a customer's by who
-- he is. Its lines are read and written as a whole: [{sku, quantity, seen: {amount, currency} or null}].
create table carts (
  id uuid primary key,
  customer_id uuid unique,
  secret_hash text unique,
  currency text not null,
  lines jsonb not null default '[]',
  updated_at timestamptz not null default now(),
  used_on date not null default current_date,
  check (num_nonnulls(customer_id, secret_hash) = 1)
) with (fillfactor = 80);
create index carts_unused on carts (used_on);

-- What inventory last said of a SKU.
create table sku_availability (
  sku_key text primary key,
  availability text not null,
  available bigint not null
) with (fillfactor = 80);

-- What a page shows of a SKU; null until its product is next heard of.
alter table catalogue_skus
  add column product_name text, add column variant_name text, add column product_slug text, add column image_url text;
