-- Whoever mails people hears whether their address is proven.
create or replace function say_person() returns trigger language plpgsql as $$
begin
  perform add_to_outbox('mart.users', new.id::text, '/services/user', tg_argv[0], 1, jsonb_build_object(
    'user_id', new.id, 'email', new.email, 'name', new.name, 'email_verified', new."emailVerified",
    tg_argv[1], to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  return null;
end $$;

drop trigger user_profile_changed on "user";
create trigger user_profile_changed after update on "user"
for each row when (
  (old.name, old.email, old."emailVerified") is distinct from (new.name, new.email, new."emailVerified")
  and new.erased_at is null)
execute function say_person('user.profile_changed', 'changed_at');

-- Those whose address was proven before anybody was told.
select add_to_outbox('mart.users', id::text, '/services/user', 'user.profile_changed', 1, jsonb_build_object(
  'user_id', id, 'email', email, 'name', name, 'email_verified', true,
  'changed_at', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
from "user" where "emailVerified" and erased_at is null;
