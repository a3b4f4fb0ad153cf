-- Who counted the courier's cash, and who had a provider's event done once more.
alter table payments add column handed_in_by uuid;
alter table provider_events
  add column replayed_by uuid,
  add column replayed_at timestamptz;

alter table refunds add column public_reason text; -- for the customer; `reason` may be a note of staff

-- Which process runs it: one that has lost its lease meanwhile writes nothing more.
alter table reconciliations add column run_id uuid;
