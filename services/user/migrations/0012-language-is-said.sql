-- Whoever mails people hears in which language.
create or replace function say_person() returns trigger language plpgsql as $$
begin
  perform add_to_outbox('mart.users', new.id::text, '/services/user', tg_argv[0], 1, jsonb_build_object(
    'user_id', new.id, 'email', new.email, 'name', new.name, 'email_verified', new."emailVerified",
    'language', new.language,
    tg_argv[1], to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  return null;
end $$;
