-- What Stripe's own list of events says is compared too, also of payments that are not here.
alter table reconciliations add column events_read int not null default 0;

alter table reconciliation_findings
  drop constraint reconciliation_findings_pkey,
  alter column attempt_id drop not null, -- null: there is none here
  add column subject text, -- an attempt's id, an event's, or the list that could not be read
  add column method text;
update reconciliation_findings f set subject = attempt_id::text, method = a.method from attempts a where a.id = attempt_id;
alter table reconciliation_findings
  alter column subject set not null,
  alter column method set not null,
  add primary key (reconciliation_id, subject);
