-- Every return heard of as received: its goods are put on the shelf once.
create table returns_seen (
  return_id uuid primary key,
  seen_at timestamptz not null default now()
);
