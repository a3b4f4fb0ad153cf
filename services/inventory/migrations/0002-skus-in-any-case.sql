-- Two spellings that differ by case are one SKU (packages/contracts/src/sku.ts).
create unique index stock_in_any_case on stock (upper(sku collate "C"));
