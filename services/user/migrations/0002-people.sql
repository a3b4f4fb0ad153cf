create extension if not exists pg_trgm;

alter table "user"
  add column phone text,
  add column language text not null default 'en' check (language in ('en', 'ur')),
  add column erased_at timestamptz;

create index user_search on "user" using gin ((name || ' ' || email) gin_trgm_ops) where erased_at is null;
create index user_role on "user" (role, id) where role <> 'customer';

create table addresses (
  id uuid primary key default uuidv7(),
  user_id uuid not null references "user" (id) on delete cascade,
  label text,
  name text not null,
  line1 text not null,
  line2 text,
  city text not null,
  region text,
  postal_code text,
  country text not null,
  phone text not null,
  is_default boolean not null
);
create index addresses_user on addresses (user_id);
create unique index addresses_one_default on addresses (user_id) where is_default;

-- A link to be mailed. `secret` is the reset link's token until it is sent; a verification link's is made when it is.
create table account_mails (
  id uuid primary key default uuidv7(),
  user_id uuid not null references "user" (id) on delete cascade,
  kind text not null check (kind in ('verify_email', 'reset_password')),
  secret text,
  expires_at timestamptz not null,
  attempts int not null default 0,
  next_try_at timestamptz not null default now(),
  last_error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  created_at timestamptz not null default now()
);
create index account_mails_due on account_mails (next_try_at) where sent_at is null and given_up_at is null;
create index account_mails_user on account_mails (user_id);

-- better-auth runs its own hooks after the commit, where a crash loses what they say: hence triggers.
create function say_person() returns trigger language plpgsql as $$
begin
  perform add_to_outbox('mart.users', new.id::text, '/services/user', tg_argv[0], 1, jsonb_build_object(
    'user_id', new.id, 'email', new.email, 'name', new.name,
    tg_argv[1], to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  return null;
end $$;

create trigger user_registered after insert on "user"
for each row execute function say_person('user.registered', 'registered_at');

create trigger user_profile_changed after update on "user"
for each row when ((old.name, old.email) is distinct from (new.name, new.email) and new.erased_at is null)
execute function say_person('user.profile_changed', 'changed_at');

create function mail_verification() returns trigger language plpgsql as $$
begin
  insert into account_mails (user_id, kind, expires_at) values (new.id, 'verify_email', now() + interval '24 hours');
  return null;
end $$;

create trigger user_to_verify after insert on "user"
for each row when (not new."emailVerified") execute function mail_verification();

-- A sign-in that read the account before it was erased must not open a session after: it waits for the erasure's lock.
create function refuse_erased() returns trigger language plpgsql as $$
begin
  perform from "user" where id = new."userId" and erased_at is null for key share;
  if not found then
    raise exception 'the account was erased' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create trigger session_of_the_living before insert on "session"
for each row execute function refuse_erased();
