-- What is sold, as a mail calls it and its page's address does: a copy of mart.products.
create table known_skus (
  sku_key text primary key,
  sku text not null,
  product_id uuid not null,
  version int not null,
  name text not null,
  slug text not null,
  for_sale boolean not null
);
create index known_skus_of_product on known_skus (product_id);

-- What inventory last said of a SKU. `to_tell`: it can be bought, and nobody has looked since who wants to hear that.
create table sku_stock (
  sku_key text primary key,
  is_out boolean not null,
  to_tell boolean not null default false
) with (fillfactor = 80);
create index sku_stock_to_tell on sku_stock (sku_key) where to_tell;

-- Who wants one mail when a SKU can be bought again; gone once that mail is written down.
create table stock_alerts (
  id uuid primary key default uuidv7(),
  sku_key text not null,
  -- What the address leads to (mailboxOf): one alert of a SKU for each.
  mailbox text not null,
  email text not null,
  language text not null,
  -- Who asked, when he was signed in.
  person_id uuid,
  asked_at timestamptz not null default now(),
  unique (sku_key, mailbox)
);
create index stock_alerts_of_mailbox on stock_alerts (mailbox, asked_at);
create index stock_alerts_of_person on stock_alerts (person_id) where person_id is not null;
create index stock_alerts_by_age on stock_alerts (asked_at);
