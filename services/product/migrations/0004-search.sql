-- The lexemes of the listings, how each sounds, and that with each letter left out, to find what a mistyped one was meant to be.
drop index search_words_alike;
truncate search_words;
alter table search_words add column sound text collate "C" not null, add column near text[] not null;
create index search_words_sound on search_words using gin (sound gin_trgm_ops);
create index search_words_near on search_words using gin (near);

-- What all variants cost, because a price filter looks at each; sorted is still by the lowest.
alter table shelf_prices add column highest bigint, add column amounts bigint[];
update shelf_prices set highest = amount, amounts = array[amount];
alter table shelf_prices alter column highest set not null, alter column amounts set not null;

-- The worker makes all listings anew: their words are other ones now.
insert into stale_listings select product_id from listings on conflict do nothing;
