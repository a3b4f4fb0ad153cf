-- A long table takes its time.
set local statement_timeout = 0;

-- What has been sent back in all; of what was sent back in part before this column it is not known.
alter table orders add column refunded bigint not null default 0;
update orders set refunded = total where payment_status = 'refunded';
