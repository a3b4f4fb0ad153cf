-- What has come is not withdrawn; of all that is not refused or withdrawn nothing can be asked for again.
alter table returns drop constraint returns_status_check;
alter table returns add constraint returns_status_check
  check (status in ('requested', 'approved', 'refused', 'withdrawn', 'received', 'refunded')) not valid;
