-- Who has opened a link that was mailed to him, and where: nobody else is mailed what somebody wrote. Null: he has
-- changed to an address that is not proven yet.
create table proven_addresses (
  person_id uuid primary key,
  address text
);

-- One welcome for each person, once his address is proven.
update messages set cause_id = person_id where kind = 'welcome' and person_id is not null;
