-- What readers of Urdu sort by; null where the English name is all there is.
alter table shelf_places add column sort_name_ur text collate "C";
alter table shelf_prices add column sort_name_ur text collate "C";
