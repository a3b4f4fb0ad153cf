-- A long table takes its time.
set local statement_timeout = 0;

-- The limit of open orders is a constraint: each open order of a customer holds a slot of its own, from 1 up. Two orders
-- that come at the same moment, here or at another replica, cannot take the same one. Slot 0 is for the one cash order of
-- a customer whose address is not proven. Orders placed without a limit hold none.
alter table orders add column open_slot int;
update orders o set open_slot = s.slot
from (
  select id, row_number() over (partition by customer_id order by id) as slot from orders
  where status in ('placed', 'awaiting_payment') or (status = 'confirmed' and payment_method = 'cash_on_delivery')
) s
where s.id = o.id;
drop index orders_open;
create unique index orders_open on orders (customer_id, open_slot)
  where status in ('placed', 'awaiting_payment') or (status = 'confirmed' and payment_method = 'cash_on_delivery');

-- Who did it; null where an event or the clock did, and in lines that are older than these columns.
alter table order_history add column by_id uuid, add column by_role text;
