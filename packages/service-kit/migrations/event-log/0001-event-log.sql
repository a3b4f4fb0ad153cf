-- The embedded event log. Services speak and commit through the functions below, which check who asks; all may read.
create table topics (
  name text primary key,
  owner text not null default session_user,
  retention interval
);

create table partitions (
  topic text not null references topics,
  partition int not null,
  next_offset bigint not null default 0,
  primary key (topic, partition)
) with (fillfactor = 50);

create table records (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text,
  value text,
  headers text not null,
  appended_at timestamptz not null default now(),
  primary key (topic, partition, "offset")
);
create index records_appended_at on records using brin (appended_at);

create table consumer_groups (
  name text primary key,
  owner text not null default session_user,
  member text,
  generation bigint not null default 0,
  held_until timestamptz not null default '-infinity'
) with (fillfactor = 50);

create table group_offsets (
  group_name text not null references consumer_groups,
  topic text not null references topics,
  partition int not null,
  next_offset bigint not null,
  primary key (group_name, topic, partition)
) with (fillfactor = 50);

create function create_topic(topic_name text, partition_count int, keep_for interval) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into topics (name, retention) values (topic_name, keep_for)
    on conflict (name) do update set retention = excluded.retention where topics.owner = session_user;
  insert into partitions (topic, partition)
    select topic_name, n from generate_series(0, partition_count - 1) n
    where not exists (select from partitions where topic = topic_name);
end $$;

create function append_records(topic_name text, keys text[], vals text[], heads text[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  partition_count int;
begin
  if not exists (select from topics where name = topic_name and owner = session_user) then
    raise insufficient_privilege using message = format('%s may not say anything on %s', session_user, topic_name);
  end if;
  select count(*) into partition_count from partitions where topic = topic_name;
  -- Locked in order, or two relays that overlap for a moment deadlock.
  perform from partitions where topic = topic_name order by partition for no key update;
  with said as (
    select k, v, h, n, ((hashtextextended(coalesce(k, ''), 0) % partition_count) + partition_count) % partition_count as p
    from unnest(keys, vals, heads) with ordinality as u(k, v, h, n)
  ), counted as (
    select p, count(*) as c from said group by p
  ), moved as (
    update partitions set next_offset = next_offset + c from counted
    where topic = topic_name and partition = p
    returning partition, next_offset - c as first_offset
  )
  insert into records (topic, partition, "offset", key, value, headers)
  select topic_name, p, first_offset + row_number() over (partition by p order by n) - 1, k, v, h
  from said join moved on partition = p;
end $$;

-- The generation of the group when `member_id` holds it now, else null.
create function hold_group(group_name_ text, member_id text, lease interval) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  held bigint;
begin
  insert into consumer_groups (name) values (group_name_) on conflict do nothing;
  update consumer_groups
    set generation = generation + case when member = member_id and held_until >= now() then 0 else 1 end,
        member = member_id, held_until = clock_timestamp() + lease
    where name = group_name_ and owner = session_user and (member = member_id or held_until < clock_timestamp())
    returning generation into held;
  return held;
end $$;

create function leave_group(group_name_ text, member_id text) returns void
language sql security definer set search_path = public, pg_temp as $$
  update consumer_groups set member = null, held_until = '-infinity'
  where name = group_name_ and owner = session_user and member = member_id
$$;

-- False when the group has passed to another member meanwhile: then nothing was committed.
create function commit_offsets(
  group_name_ text, held_generation bigint, lease interval, topic_names text[], partition_numbers int[], offsets bigint[]
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update consumer_groups set held_until = clock_timestamp() + lease
    where name = group_name_ and owner = session_user and generation = held_generation and member is not null;
  if not found then return false; end if;
  insert into group_offsets (group_name, topic, partition, next_offset)
    select group_name_, t, p, o from unnest(topic_names, partition_numbers, offsets) as u(t, p, o)
    on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset;
  return true;
end $$;

-- Where a group that nobody holds shall go on reading.
create function set_offsets(group_name_ text, topic_name text, partition_numbers int[], offsets bigint[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into consumer_groups (name) values (group_name_) on conflict do nothing;
  -- A member that hangs since before must not commit its old offsets over these.
  update consumer_groups set generation = generation + 1, member = null
    where name = group_name_ and owner = session_user and held_until < clock_timestamp();
  if not found then raise object_in_use using message = format('group %s is held by a live member', group_name_); end if;
  insert into group_offsets (group_name, topic, partition, next_offset)
    select group_name_, topic_name, p, o from unnest(partition_numbers, offsets) as u(p, o)
    on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset;
end $$;

-- Drops what is older than the topic's retention and read by every group that reads the topic; says how many.
create function drop_expired(topic_name text, at_most int) returns bigint
language sql security definer set search_path = public, pg_temp as $$
  with gone as (
    delete from records where (topic, partition, "offset") in (
      select r.topic, r.partition, r."offset"
      from topics t join records r on r.topic = t.name
      where t.name = topic_name and t.owner = session_user and t.retention is not null
        and r.appended_at < now() - t.retention
        and r."offset" < all (
          select o.next_offset from group_offsets o where o.topic = r.topic and o.partition = r.partition)
      limit at_most)
    returning 1)
  select count(*) from gone
$$;

grant select on all tables in schema public to public;
