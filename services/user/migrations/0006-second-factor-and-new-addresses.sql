-- What better-auth 1.7.25 compiles for its plugin two-factor.
alter table "user" add column "twoFactorEnabled" boolean;

create table "twoFactor" (
  "id" uuid not null primary key,
  "secret" text not null,
  "backupCodes" text not null,
  "userId" uuid not null references "user" ("id") on delete cascade,
  "verified" boolean,
  "failedVerificationCount" integer,
  "lockedUntil" timestamptz
);
create index "twoFactor_secret_idx" on "twoFactor" ("secret");
create index "twoFactor_userId_idx" on "twoFactor" ("userId");

-- A code opens one session, though it is right for a minute and a half.
create table used_codes (
  user_id uuid not null references "user" (id) on delete cascade,
  code text not null,
  used_at timestamptz not null,
  primary key (user_id, code)
);

-- Sessions that were opened without the second factor end when it is turned on.
create function end_sessions() returns trigger language plpgsql as $$
begin
  delete from "session" where "userId" = new.id;
  return null;
end $$;

create trigger second_factor_on after update on "user"
for each row when (new."twoFactorEnabled" and old."twoFactorEnabled" is distinct from true)
execute function end_sessions();

-- The newest link to a new e-mail address; it works once.
create table email_changes (
  user_id uuid primary key references "user" (id) on delete cascade,
  token_hash text not null
);

-- Links that were mailed to the old address end with it, and it is told.
create function tell_old_address() returns trigger language plpgsql as $$
begin
  delete from verification where value = new.id::text;
  delete from email_changes where user_id = new.id;
  insert into account_mails (user_id, kind, to_email, expires_at)
  select new.id, 'email_changed', old.email, now() + interval '3 days' where old."emailVerified";
  return null;
end $$;

create trigger email_changed after update on "user"
for each row when (old.email is distinct from new.email and new.erased_at is null)
execute function tell_old_address();
