-- Once a statement, not once a row: a transaction is written by one.
drop trigger ledger_balances on ledger;
drop function check_ledger_balance;

create function check_ledger_balance() returns trigger language plpgsql as $$
declare off record;
begin
  select transaction_id, currency into off from written
  group by transaction_id, currency having sum(amount) <> 0 limit 1;
  if found then
    raise exception 'transaction % of the ledger does not balance in %', off.transaction_id, off.currency
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger ledger_balances after insert on ledger
  referencing new table as written for each statement execute function check_ledger_balance();
