-- A long table takes its time.
set local statement_timeout = 0;

-- Whatever staff know an order by, newest first for each: a narrow table, because an index on orders would be written
-- anew with each of its moves. Its words are lower case and whole.
create table order_words (
  word text collate "C" not null,
  placed_at timestamptz not null,
  order_id uuid not null,
  primary key (word, placed_at, order_id)
);

-- Phones are E.164; before they were, some were written as a Pakistani types them.
create function phone_word(phone text) returns text language sql immutable parallel safe return
  '+' || regexp_replace(regexp_replace(regexp_replace(phone, '\D', '', 'g'), '^(0092|920|0(?=[1-9]))', '92'), '^00', '');

-- A word may come twice: whoever inserts them says distinct, once for all.
create function words_of(contact jsonb, shipping_address jsonb, lines jsonb) returns setof text
language sql immutable parallel safe begin atomic
  select left(word, 200) from (
    select lower(line ->> 'sku') from jsonb_array_elements(lines) line
    union all select lower(contact ->> 'email')
    union all select phone_word(shipping_address ->> 'phone')
    union all select string_to_table(lower(shipping_address ->> 'name'), ' ')
    union all select string_to_table(lower(contact ->> 'name'), ' ')
      where contact ->> 'name' <> shipping_address ->> 'name'
  ) known (word)
  where word not in ('', '+');
end;

create function learn_words() returns trigger language plpgsql as $$
begin
  insert into order_words
  select distinct word, placed_at, id from placed, words_of(contact, shipping_address, lines) word
  order by word;
  return null;
end $$;
create trigger orders_placed after insert on orders
  referencing new table as placed for each statement execute function learn_words();

-- The person goes, what was bought stays.
create function forget_words() returns trigger language plpgsql as $$
begin
  delete from order_words w
  using words_of(old.contact, old.shipping_address, '[]') gone (word)
  where w.word = gone.word and w.placed_at = old.placed_at and w.order_id = old.id;
  insert into order_words
  select distinct word, new.placed_at, new.id from words_of(new.contact, new.shipping_address, new.lines) word
  on conflict do nothing;
  return null;
end $$;
create trigger orders_blanked after update of contact, shipping_address on orders
  for each row execute function forget_words();

insert into order_words
select distinct word, placed_at, id from orders, words_of(contact, shipping_address, lines) word
order by word, placed_at, id;

-- Any listing is a merge of a few of these, whichever filters are given.
create index orders_by_status_and_method on orders (status, payment_method, placed_at, id);
drop index orders_by_status;
create index orders_of_customer_by_time on orders (customer_id, placed_at, id);
drop index orders_of_customer;
