-- What a guest may have open at once, as orders_open is for customers (migrations/0002): each of his orders takes a slot of
-- his e-mail address, of his phone and of his network, which are here under pseudonyms. The slots of an order are free again
-- once it is not open any more.
create table guest_slots (
  holder text not null,
  slot int not null,
  order_id uuid not null,
  primary key (holder, slot)
);
create index guest_slots_of_order on guest_slots (order_id);

-- A guest asked to be forgotten before his order was over.
alter table orders add column forget_asked_at timestamptz;
