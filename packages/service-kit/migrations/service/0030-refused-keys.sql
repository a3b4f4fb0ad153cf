-- Keys that signed tokens and were revoked. Kept for ever: a verifier may hold on to an old key set for as long as it lives.
create table refused_keys (
  key_id text primary key,
  refused_at timestamptz not null default now()
);

create function refuse_keys(ids text[]) returns void
language sql as $$
  insert into refused_keys (key_id) select distinct unnest(ids) order by 1 on conflict do nothing;
  select pg_notify('ended_tokens', '');
$$;
