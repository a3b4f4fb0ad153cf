import { skuKey } from '@mart/contracts/sku'
import { conflict } from '@mart/service-kit/errors'
import type { Transaction } from '@mart/service-kit/postgres'
import type { FoundRow, ImportRow } from './import-rows.ts'

export async function addRows(tx: Transaction, importId: string, rows: readonly ImportRow[]): Promise<void> {
  const staged = rows.map((content) => ({
    import_id: importId,
    row: content.row,
    sku_key: skuKey(content.sku),
    slug: content.slug,
    name: content.name,
    content,
  }))
  await tx`
    insert into import_rows (import_id, row, sku_key, slug, name, content)
    select import_id, row, sku_key, slug, name, content
    from json_populate_recordset(null::import_rows, ${JSON.stringify(staged)}::text::json)`
}

export async function dropRows(tx: Transaction, importId: string): Promise<void> {
  await tx`delete from import_rows where import_id = ${importId}`
}

/** Drops what a process left behind that died during an import. */
export async function dropForgottenRows(tx: Transaction): Promise<void> {
  await tx`delete from import_rows where read_at < now() - interval '1 hour'`
}

/** Keeps other imports away until the end of the transaction. Throws Refusal 409 when one is running. */
export async function holdImports(tx: Transaction): Promise<void> {
  const [lock] = await tx<{ got: boolean }[]>`select pg_try_advisory_xact_lock(hashtext('import of products')) as got`
  if (lock?.got) return
  throw conflict('import_running', 'Another import is running: try again when it has ended.', {
    headers: { 'retry-after': '10' },
  })
}

const productOfRow = `
  import_rows given
  left join skus owner on upper(owner.sku) = given.sku_key
  left join products named on named.slug = given.slug`

/** Locks all known products of a file at once and in one order, or two who change some of them wait for each other. */
export async function lockProductsOf(tx: Transaction, importId: string): Promise<void> {
  await tx`
    select count(*) from (
      select from products where id in (
        select case when given.slug is null then owner.product_id else named.id end
        from ${tx.unsafe(productOfRow)} where import_id = ${importId})
      order by id for no key update) as locked`
}

/**
 * Opens the rows of a file, those of one product together, products in the order of their first rows. They are read by
 * `nextRows` as they were now, until the transaction ends.
 */
export async function openRows(tx: Transaction, importId: string): Promise<void> {
  await tx`
    declare found_rows no scroll cursor for
    select content, owner_id, product_id, product_key, repeated, similar_sku from (
      select *, min(row) over (partition by product_key) as first_row from (
        select given.row, given.content, owner.product_id as owner_id, product.id as product_id,
          coalesce(product.id::text, 'slug ' || given.slug, 'name ' || given.name, 'row ' || given.row) as product_key,
          row_number() over (partition by given.sku_key order by given.row) > 1 as repeated,
          case when owner.sku is null then (
            select sku from skus where sku_without_zeros(sku) = sku_without_zeros(given.sku_key) limit 1
          ) end as similar_sku
        from ${tx.unsafe(productOfRow)},
          lateral (select case when given.slug is null then owner.product_id else named.id end as id) as product
        where import_id = ${importId}
      ) as found
    ) as grouped
    order by first_row, row`
}

export const nextRows = (tx: Transaction, limit: number): Promise<FoundRow[]> =>
  tx<FoundRow[]>`fetch ${tx.unsafe(String(limit))} from found_rows`
