-- Null where there is none, and until the product is next heard of.
alter table catalogue_skus add column product_name_ur text, add column variant_name_ur text;
