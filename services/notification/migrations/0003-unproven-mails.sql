-- When and by whom a mail was last taken to be sent, and, where its address is not proven, which mailbox it counts for.
alter table messages
  add column taken_at timestamptz,
  add column unproven_mailbox text,
  add column by_staff boolean not null default false;
create index messages_unproven on messages (unproven_mailbox, taken_at) where unproven_mailbox is not null;
