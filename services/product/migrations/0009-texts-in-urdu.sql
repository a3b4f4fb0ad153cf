-- Null, as a service of the version before writes it: there are none.
alter table products add column translations json;
alter table categories add column translations json not null default '{}';

-- What readers of Urdu are answered; null: the same as everybody.
alter table listings add column document_ur text;
alter table listings alter column document_ur set storage external;
