-- How often an address asked a route of better-auth lately: counted here for all replicas, and worth nothing after a crash.
-- What better-auth 1.7.25 compiles for it, with its names.
create unlogged table "rateLimit" (
  "id" uuid not null primary key,
  "key" text not null unique,
  "count" integer not null,
  "lastRequest" bigint not null
);
