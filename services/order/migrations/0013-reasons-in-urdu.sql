-- The reason for readers of Urdu, where it names goods that have names there.
alter table order_history add column reason_ur text;
