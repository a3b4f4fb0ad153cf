-- A hundred thousand products take longer than a statement may otherwise.
set local statement_timeout = 0;

-- A price range in the order of a listing is read from an index alone. One that lies between a product's prices is looked for
-- among the products with several.
-- Written anew, which takes a fraction of changing every row.
create table named_prices as
  select shelf_prices.*, sort_name from shelf_prices join shelf_places using (product_id, category_id);
drop table shelf_prices;
alter table named_prices rename to shelf_prices;
alter table shelf_prices
  alter column category_id set not null, alter column status set not null, alter column currency set not null,
  alter column amount set not null, alter column highest set not null, alter column amounts set not null,
  alter column sort_name set not null,
  add constraint shelf_prices_pkey primary key (product_id, category_id, currency);
create index shelf_prices_amount on shelf_prices (category_id, status, currency, amount, product_id);
create index shelf_prices_newest on shelf_prices (category_id, status, currency, product_id) include (amount);
create index shelf_prices_name on shelf_prices (category_id, status, currency, sort_name, product_id) include (amount);
create index shelf_prices_highest on shelf_prices (category_id, status, currency, highest);
create index shelf_prices_several_newest on shelf_prices (category_id, status, currency, product_id)
  include (amount, highest, amounts) where highest > amount;
create index shelf_prices_several_name on shelf_prices (category_id, status, currency, sort_name, product_id)
  include (amount, highest, amounts) where highest > amount;
create index shelf_prices_several_amount on shelf_prices (category_id, status, currency, amount, product_id)
  include (highest, amounts) where highest > amount;

-- How many products stand on each shelf: what was added and what was taken away, so that changes of one shelf don't wait for
-- each other. The worker adds these up.
create table shelf_counts (category_id uuid not null, status text not null, count int not null);
insert into shelf_counts select category_id, status, count(*) from shelf_places group by category_id, status;

-- The words that say what a thing is: a search for one of them that very many have is a walk along this index. Such a word
-- ranks a listing above all in which it only stands elsewhere. The rank is that of listing-queries.ts.
create function head_rank(words tsvector, word text) returns int language sql immutable strict parallel safe
return (10000 * ln(0.02 + ts_rank('{0.1,0.2,0.6,1}', words, ('''' || word || '''')::tsquery)::float8))::int;

create table head_words (
  word text collate "C" not null,
  status text not null,
  rank int not null,
  product_id uuid not null,
  primary key (product_id, word)
);
insert into head_words
  select lexeme, status, head_rank(words, lexeme), product_id from listings, unnest(words)
  where 'A' = any(weights) and lexeme !~ '^[=#]';
create index head_words_best on head_words (word, status, rank, product_id);
