-- Two spellings that differ by case are one SKU (packages/contracts/src/sku.ts).
create unique index skus_in_any_case on skus (upper(sku));

-- What is shown of each variant has its greatest quantity now.
insert into stale_listings select product_id from listings on conflict do nothing;
