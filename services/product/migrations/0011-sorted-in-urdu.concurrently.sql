drop index concurrently if exists shelf_places_name_ur;
create index concurrently shelf_places_name_ur
  on shelf_places (category_id, status, coalesce(sort_name_ur, sort_name), product_id);
drop index concurrently if exists shelf_prices_name_ur;
create index concurrently shelf_prices_name_ur
  on shelf_prices (category_id, status, currency, coalesce(sort_name_ur, sort_name), product_id);
drop index concurrently if exists shelf_prices_several_name_ur;
create index concurrently shelf_prices_several_name_ur
  on shelf_prices (category_id, status, currency, coalesce(sort_name_ur, sort_name), product_id) where highest > amount;
