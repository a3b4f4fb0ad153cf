-- What asked for the attempt (W3C Trace Context): calls to its provider and what that tells us go on with it.
alter table attempts add column traceparent text;
