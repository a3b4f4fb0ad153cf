alter table refunds add column return_id uuid; -- what was sent back for it, by the order service's name for that return
