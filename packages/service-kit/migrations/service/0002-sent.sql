-- What a Kafka has acknowledged, for `npm run resend`. An hour's rows go to the slot of its number modulo 3, which is
-- emptied as a whole one hour after that hour has ended, so that nobody deletes row by row.
create table outbox_sent (
  slot int not null default floor(extract(epoch from now()) / 3600)::bigint % 3,
  seq bigint not null,
  topic text not null,
  key text not null,
  value text not null,
  headers text not null,
  said_at timestamptz not null,
  sent_at timestamptz not null default now()
) partition by list (slot);
create table outbox_sent_0 partition of outbox_sent for values in (0);
create table outbox_sent_1 partition of outbox_sent for values in (1);
create table outbox_sent_2 partition of outbox_sent for values in (2);
create index outbox_sent_seq on outbox_sent using brin (seq) with (autosummarize = on);

-- Empties the slot that is written next. A slot that somebody reads at the moment is left for the next call.
create function drop_old_sent() returns void
language plpgsql as $$
declare
  hour bigint := floor(extract(epoch from clock_timestamp()) / 3600);
  due text := 'outbox_sent_' || (hour + 1) % 3;
  has_rows boolean;
begin
  execute format('select exists (select from %I)', due) into has_rows;
  if not has_rows then return; end if;
  execute format('lock table only %I in access exclusive mode nowait', due);
  -- The relay may have begun to write it; from here on it waits for us.
  if floor(extract(epoch from clock_timestamp()) / 3600) <> hour then return; end if;
  execute format('truncate table only %I', due);
exception when lock_not_available then
  return;
end $$;
