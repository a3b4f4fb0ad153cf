drop index concurrently if exists messages_back_in_stock;
create index concurrently messages_back_in_stock on messages (queued_at)
  where kind = 'back_in_stock' and recipient is not null;
