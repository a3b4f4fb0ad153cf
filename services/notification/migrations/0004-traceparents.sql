-- What caused the message (W3C Trace Context): its mail goes on with it.
alter table messages add column traceparent text;
