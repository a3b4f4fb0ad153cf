-- Tries of a password by one who may not know it. `who` is a keyed hash of the account and of where he comes from.
create table password_tries (
  who text primary key,
  tries int not null,
  free_at timestamptz not null,
  last_at timestamptz not null
);
create index password_tries_last on password_tries (last_at);

-- `to_email` is where a mail goes when not to the person's address of the day.
alter table account_mails
  drop constraint account_mails_kind_check,
  add constraint account_mails_kind_check check (kind in
    ('verify_email', 'reset_password', 'password_changed', 'account_exists', 'change_email', 'email_changed')),
  add column to_email text check (char_length(to_email) <= 254);

-- Whatever a mailed link or a sign-in half done would still allow ends with the old password, and the owner is told.
create or replace function say_password() returns trigger language plpgsql as $$
begin
  perform from "user" where id = new."userId" for no key update;
  perform end_tokens_of(new."userId", 'user.password_changed', '{}');
  delete from verification where value = new."userId"::text;
  insert into account_mails (user_id, kind, expires_at)
  select id, 'password_changed', now() + interval '3 days' from "user" where id = new."userId" and "emailVerified";
  return null;
end $$;
