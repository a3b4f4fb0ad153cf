-- Written and emptied to see whether the database still takes writes: a full disk lets small ones through for long, but
-- no file grow.
create unlogged table write_probe (filling text not null);
alter table write_probe alter filling set storage external;
