create function end_tokens_of(person uuid, event text, details jsonb) returns void language plpgsql as $$
declare
  -- After the row's lock was taken: whoever reads the row for a new token waits for this transaction.
  at timestamptz := clock_timestamp();
begin
  perform end_tokens(array[person::text], array[at]);
  perform add_to_outbox('mart.users', person::text, '/services/user', event, 1, details || jsonb_build_object(
    'user_id', person, 'changed_at', to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
end $$;

-- The sessions of staff end 12 hours after they were opened, however they are used.
create function say_role() returns trigger language plpgsql as $$
begin
  perform end_tokens_of(new.id, 'user.role_changed', jsonb_build_object('was', old.role, 'role', new.role));
  if new.role <> 'customer' then
    update "session" set "expiresAt" = "expiresAt" where "userId" = new.id;
  end if;
  return null;
end $$;

create trigger user_role_changed after update on "user"
for each row when (old.role is distinct from new.role and new.erased_at is null)
execute function say_role();

create function end_staff_session() returns trigger language plpgsql as $$
begin
  if exists (select from "user" where id = new."userId" and role <> 'customer') then
    new."expiresAt" := least(new."expiresAt", new."createdAt" + interval '12 hours');
  end if;
  return new;
end $$;

create trigger session_of_staff before insert or update on "session"
for each row execute function end_staff_session();

create function say_password() returns trigger language plpgsql as $$
begin
  perform from "user" where id = new."userId" for no key update;
  perform end_tokens_of(new."userId", 'user.password_changed', '{}');
  return null;
end $$;

create trigger password_changed after update on account
for each row when (old.password is distinct from new.password)
execute function say_password();

update "session" set "expiresAt" = "expiresAt"
from "user" person where person.id = "userId" and person.role <> 'customer';
