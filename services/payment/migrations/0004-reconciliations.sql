create table reconciliations (
  id uuid primary key,
  asked_by uuid, -- null: the clock
  asked_at timestamptz not null default now(),
  lease_until timestamptz,
  finished_at timestamptz,
  looked_at int not null default 0 -- attempts
);
create index reconciliations_to_run on reconciliations (id) where finished_at is null;

create table reconciliation_findings (
  reconciliation_id uuid not null references reconciliations on delete cascade,
  attempt_id uuid not null references attempts,
  kind text not null,
  detail text not null,
  primary key (reconciliation_id, attempt_id)
);
