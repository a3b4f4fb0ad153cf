-- Staff look for what was not sent.
create index account_mails_unsent on account_mails (id) where skipped_at is not null or given_up_at is not null;
