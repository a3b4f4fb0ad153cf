alter table payments add column handed_in_at timestamptz; -- the courier's cash, to the shop
