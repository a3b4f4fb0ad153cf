-- Who speaks and who hears, written by the owner of the log: a role says and makes its own topics only, holds its own group
-- only, and reads what that group hears. The owner itself (and a superuser) may do anything.
create table members (
  role text primary key,
  group_name text not null unique,
  says text[] not null,
  hears text[] not null
);

-- These functions run as the owner; session_user is who asks.
create function is_owner() returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select pg_has_role(session_user, current_user, 'member')
$$;

create function require_topic(topic_name text) returns void
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not is_owner() and not exists (select from members where role = session_user and topic_name = any(says)) then
    raise insufficient_privilege using message = format('%s may not say anything on %s', session_user, topic_name);
  end if;
end $$;

create function require_group(group_name_ text) returns void
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not is_owner() and not exists (select from members where role = session_user and group_name = group_name_) then
    raise insufficient_privilege using message = format('%s may not read as group %s', session_user, group_name_);
  end if;
end $$;

create function require_hearing(topic_names text[]) returns void
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if not is_owner() and not exists (select from members where role = session_user and topic_names <@ hears) then
    raise insufficient_privilege using message = format('%s may not read %s', session_user, topic_names);
  end if;
end $$;

-- Replaces the members; topics and groups that somebody else has made go to whom they belong.
create function set_members(roles text[], groups text[], topics_said text[], topics_heard text[]) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
  delete from members where role <> all(roles);
  insert into members (role, group_name, says, hears)
    select r, g, s::text[], h::text[] from unnest(roles, groups, topics_said, topics_heard) as u(r, g, s, h)
    on conflict (role) do update set group_name = excluded.group_name, says = excluded.says, hears = excluded.hears;
  update topics t set owner = m.role from members m where t.name = any(m.says) and t.owner <> m.role;
  update consumer_groups g set owner = m.role from members m where g.name = m.group_name and g.owner <> m.role;
end $$;

create or replace function create_topic(topic_name text, partition_count int, keep_for interval) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform require_topic(topic_name);
  insert into topics (name, retention) values (topic_name, keep_for)
    on conflict (name) do update set retention = excluded.retention where topics.owner = session_user;
  insert into partitions (topic, partition)
    select topic_name, n from generate_series(0, partition_count - 1) n
    where not exists (select from partitions where topic = topic_name);
end $$;

-- Since when a group is held by nobody tells whether it is still one: a group that is left keeps the time.
update consumer_groups set held_until = clock_timestamp() where held_until = '-infinity';

create or replace function hold_group(group_name_ text, member_id text, lease interval) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  held bigint;
begin
  perform require_group(group_name_);
  insert into consumer_groups (name) values (group_name_) on conflict do nothing;
  update consumer_groups
    set generation = generation + case when member = member_id and held_until >= now() then 0 else 1 end,
        member = member_id, held_until = clock_timestamp() + lease
    where name = group_name_ and owner = session_user and (member = member_id or held_until < clock_timestamp())
    returning generation into held;
  return held;
end $$;

create or replace function leave_group(group_name_ text, member_id text) returns void
language sql security definer set search_path = public, pg_temp as $$
  update consumer_groups set member = null, held_until = clock_timestamp()
  where name = group_name_ and owner = session_user and member = member_id
$$;

create or replace function commit_offsets(
  group_name_ text, held_generation bigint, lease interval, topic_names text[], partition_numbers int[], offsets bigint[]
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform require_hearing(topic_names);
  update consumer_groups set held_until = clock_timestamp() + lease
    where name = group_name_ and owner = session_user and generation = held_generation and member is not null;
  if not found then return false; end if;
  insert into group_offsets (group_name, topic, partition, next_offset)
    select group_name_, t, p, o from unnest(topic_names, partition_numbers, offsets) as u(t, p, o)
    on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset;
  return true;
end $$;

create or replace function set_offsets(group_name_ text, topic_name text, partition_numbers int[], offsets bigint[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform require_group(group_name_);
  perform require_hearing(array[topic_name]);
  insert into consumer_groups (name) values (group_name_) on conflict do nothing;
  -- A member that hangs since before must not commit its old offsets over these.
  update consumer_groups set generation = generation + 1, member = null, held_until = clock_timestamp()
    where name = group_name_ and owner = session_user and held_until < clock_timestamp();
  if not found then raise object_in_use using message = format('group %s is held by a live member', group_name_); end if;
  insert into group_offsets (group_name, topic, partition, next_offset)
    select group_name_, topic_name, p, o from unnest(partition_numbers, offsets) as u(p, o)
    on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset;
end $$;

-- Where a group goes on reading. One that has not committed yet is written down as standing at the start, so that
-- nothing is dropped before it has read it.
create function start_positions(group_name_ text, held_generation bigint, topic_names text[])
returns table (topic text, partition int, next bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform require_hearing(topic_names);
  perform from consumer_groups where name = group_name_ and owner = session_user and generation = held_generation;
  if not found then return; end if;
  insert into group_offsets (group_name, topic, partition, next_offset)
    select group_name_, p.topic, p.partition, 0 from partitions p where p.topic = any(topic_names)
    on conflict do nothing;
  return query
    select o.topic, o.partition, o.next_offset from group_offsets o
    where o.group_name = group_name_ and o.topic = any(topic_names);
end $$;

create function read_records(topic_names text[], partition_numbers int[], offsets bigint[], at_most int)
returns setof records
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  perform require_hearing(topic_names);
  return query
    select r.* from unnest(topic_names, partition_numbers, offsets) as wanted(t, p, o)
    cross join lateral (
      select * from records
      where topic = wanted.t and partition = wanted.p and "offset" >= wanted.o
      order by "offset" limit at_most) r;
end $$;

-- Drops what is older than the topic's retention and read by everybody who hears the topic; says how many. Who hears it:
-- the members that the owner named, however long they are away, and any other group that has begun to read the topic,
-- until nobody has held it for the topic's retention, at least a week (a renamed one must not keep records for ever).
create or replace function drop_expired(topic_name text, at_most int) returns bigint
language sql security definer set search_path = public, pg_temp as $$
  with hearers as (
    select group_name from members where topic_name = any(hears)
    union
    select o.group_name from group_offsets o
      join consumer_groups g on g.name = o.group_name
      join topics t on t.name = o.topic
    where o.topic = topic_name and g.held_until > now() - greatest(t.retention, interval '7 days')
      and not exists (select from members m where m.group_name = o.group_name)
  ), read as (
    select p.partition, (
      select min(coalesce(o.next_offset, 0))
      from hearers h
      left join group_offsets o on o.group_name = h.group_name and o.topic = p.topic and o.partition = p.partition
    ) as up_to
    from partitions p where p.topic = topic_name
  ), gone as (
    delete from records where (topic, partition, "offset") in (
      select r.topic, r.partition, r."offset"
      from topics t join records r on r.topic = t.name join read on read.partition = r.partition
      where t.name = topic_name and t.owner = session_user and t.retention is not null
        and r.appended_at < now() - t.retention
        and (read.up_to is null or r."offset" < read.up_to)
      limit at_most)
    returning 1)
  select count(*) from gone
$$;

revoke select on records from public;
