-- The rows of a file that is being imported, so that no file is ever held in memory. After a crash nobody misses them.
create unlogged table import_rows (
  import_id uuid not null,
  row int not null,
  sku_key text collate "C" not null,
  slug text collate "C",
  name text,
  content json not null,
  read_at timestamptz not null default now(),
  primary key (import_id, row)
);
create index import_rows_slug on import_rows (import_id, slug);

-- A spreadsheet takes 000123 for 123 and 1.10 for 1.1: the two have this in common.
create function sku_without_zeros(sku text) returns text language sql immutable strict parallel safe
return regexp_replace(
  case when sku ~ '^[0-9]+[.][0-9]+$' then rtrim(rtrim(sku, '0'), '.') else upper(sku collate "C") end,
  '^0+(?=[0-9A-Z])', '');

create index skus_without_zeros on skus (sku_without_zeros(sku));
