-- A person's tokens that were issued before this moment are refused. The row serves until the longest of them has ended.
create table ended_tokens (
  person_id text primary key,
  ended_at timestamptz not null
);

create function end_tokens(person_ids text[], ended_ats timestamptz[]) returns void
language sql as $$
  insert into ended_tokens (person_id, ended_at)
  select person_id, max(ended_at) from unnest(person_ids, ended_ats) as ends (person_id, ended_at)
  group by person_id order by person_id
  on conflict (person_id) do update set ended_at = greatest(ended_tokens.ended_at, excluded.ended_at);
  select pg_notify('ended_tokens', '');
$$;
