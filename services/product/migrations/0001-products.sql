create extension if not exists pg_trgm;
create extension if not exists fuzzystrmatch;

create table categories (
  id uuid primary key,
  slug text not null constraint category_slug_taken unique,
  name text not null,
  parent_id uuid constraint category_has_children references categories,
  version int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index categories_parent_id on categories (parent_id);

-- A product is read and written whole, so its variants with their options and prices are one value, in their order.
create table products (
  id uuid primary key,
  slug text collate "C" not null constraint product_slug_taken unique,
  name text not null,
  description text not null,
  status text not null check (status in ('draft', 'published', 'retired')),
  image_urls text[] not null,
  variants json not null,
  version int not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table product_categories (
  product_id uuid not null references products,
  category_id uuid not null constraint category_has_products references categories,
  position int not null,
  primary key (product_id, category_id)
);
create index product_categories_category_id on product_categories (category_id);

-- A SKU belongs to one product for ever, also when the product has dropped it: this table only grows.
create table skus (
  sku text collate "C" primary key,
  product_id uuid not null
);

create function refuse_to_forget_skus() returns trigger language plpgsql as $$
begin
  raise exception 'a SKU is never given up nor changed';
end $$;
create trigger skus_only_grow before update or delete on skus
  for each statement execute function refuse_to_forget_skus();

create table availability (
  sku text collate "C" primary key,
  availability text not null check (availability in ('in_stock', 'low', 'out'))
);

-- What the routes answer with, ready-made. Its rows stay on their page when only the availability changes.
create table listings (
  product_id uuid primary key references products,
  status text not null,
  version int not null,
  availability text not null,
  words tsvector not null,
  document text not null
) with (fillfactor = 80, toast_tuple_target = 8160);
alter table listings alter column document set storage external;
create index listings_words on listings using gin (words) with (fastupdate = off);

-- One row for each category that a product can be found under (those above its own, and "everything"), so that every
-- page of every category is a walk along one index. Ids are UUIDv7: their order is the order of creation.
create table shelf_places (
  category_id uuid not null,
  status text not null,
  product_id uuid not null,
  sort_name text collate "C" not null,
  primary key (product_id, category_id)
);
create index shelf_places_newest on shelf_places (category_id, status, product_id);
create index shelf_places_name on shelf_places (category_id, status, sort_name, product_id);

-- The same for prices: the lowest of the product's variants in each currency.
create table shelf_prices (
  category_id uuid not null,
  status text not null,
  currency text not null,
  product_id uuid not null,
  amount bigint not null,
  primary key (product_id, category_id, currency)
);
create index shelf_prices_amount on shelf_prices (category_id, status, currency, amount, product_id);

-- Every word of every listing, to find what a mistyped one was meant to be.
create table search_words (word text collate "C" primary key);
create index search_words_alike on search_words using gin (word gin_trgm_ops);

-- Products whose listing must be made anew because something about their categories changed.
create table stale_listings (product_id uuid primary key);
