-- How often a caller asked in a minute, at all replicas together; `who` is a hash. Worth nothing after a crash.
create unlogged table request_counts (
  who text not null,
  minute int not null,
  count int not null,
  primary key (who, minute)
);
