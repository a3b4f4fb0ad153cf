alter table catalogue_skus add column max_quantity int check (max_quantity > 0);

-- Two spellings that differ by case are one SKU (packages/contracts/src/sku.ts).
create unique index catalogue_skus_in_any_case on catalogue_skus (upper(sku collate "C"));
