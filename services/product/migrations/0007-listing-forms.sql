-- By which form of the code a listing was made: the worker makes those of an older one anew. Of those that are here nobody
-- knows, and a service of the version before says nothing.
alter table listings add column form int not null default 0;
