drop index concurrently if exists listings_form;
create index concurrently listings_form on listings (form);
