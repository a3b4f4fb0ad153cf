-- Null where there is none, and until the product is next heard of.
alter table known_skus add column name_ur text;
