drop index concurrently if exists orders_of_guests;
create index concurrently orders_of_guests on orders (placed_at)
  where customer_id is null and contact ->> 'email' <> '';
drop index concurrently if exists orders_to_forget;
create index concurrently orders_to_forget on orders (id)
  where forget_asked_at is not null and contact ->> 'email' <> '';
