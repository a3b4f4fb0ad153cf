-- A mail is sent by whoever holds its lease, until it is settled. To an address that is not proven only so many mails go:
-- they are counted by mailbox and by when they were last taken; one too many is skipped, and its row stays.
alter table account_mails
  add column sending_until timestamptz,
  add column taken_at timestamptz,
  add column unproven_mailbox text,
  add column skipped_at timestamptz;

drop index account_mails_due;
create index account_mails_due on account_mails (next_try_at)
  where sent_at is null and given_up_at is null and skipped_at is null;
create index account_mails_unproven on account_mails (unproven_mailbox, taken_at) where unproven_mailbox is not null;
