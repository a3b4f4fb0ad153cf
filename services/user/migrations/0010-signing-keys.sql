-- A key is in the key set from its first moment; it signs from `signs_from` until a later key does.
alter table jwks
  add signs_from timestamptz not null default clock_timestamp(),
  add end_asked text check (end_asked in ('replace', 'revoke'));

update jwks set signs_from = "createdAt";

-- How an operator asks for a new key: the service makes it. Returns the keys that shall end; none when a new one is
-- published already and only has to begin.
create function ask_for_signing_key(revoke boolean) returns setof text language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('signing key'));
  return query
    update jwks set end_asked = case when revoke then 'revoke' else 'replace' end
    where revoke or (signs_from <= clock_timestamp() and signs_from = (select max(signs_from) from jwks))
    returning id::text;
  perform pg_notify('signing_keys', '');
end $$;
