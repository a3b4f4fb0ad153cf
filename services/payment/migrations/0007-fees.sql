alter table attempts
  add column fee bigint check (fee >= 0), -- what the provider kept of its charge; null: not known
  add column fee_currency text; -- of the merchant's account there, which may be another than the payment's
