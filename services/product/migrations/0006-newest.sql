-- A page of the newest of all is a walk along the listings themselves.
create index listings_newest on listings (status, product_id);
