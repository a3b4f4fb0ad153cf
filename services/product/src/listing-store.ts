import type { Availability, ProductView } from '@mart/contracts/http/product-shapes'
import type { Transaction } from '@mart/service-kit/postgres'
import { treeOf } from './category.ts'
import { allCategories, holdTree } from './category-store.ts'
import { LISTING_FORM, type Listing, listingOf } from './listing.ts'
import { lockProducts } from './product-store.ts'
import { nearKeys, soundOf } from './search/word-forms.ts'

/** Makes the listings of these products anew. Locks them: two who renew one product must not overtake each other. */
export async function renewListings(tx: Transaction, productIds: readonly string[]): Promise<ProductView[]> {
  await holdTree(tx)
  const products = await lockProducts(tx, productIds)
  if (products.length === 0) return []
  const skus = products.flatMap((product) => product.variants.map((variant) => variant.sku))
  const [categories, availability] = await Promise.all([
    allCategories(tx),
    tx<{ sku: string; availability: Availability }[]>`
      select sku, availability from availability where sku = any(${skus}::text[])`,
  ])
  const surroundings = {
    tree: treeOf(categories),
    availability: new Map(availability.map((row) => [row.sku, row.availability])),
  }
  const listings = products.map((product) => listingOf(product, surroundings))
  await Promise.all([saveListings(tx, listings), savePlaces(tx, listings), savePrices(tx, listings)])
  await saveHeads(tx, productIds)
  await saveWords(tx, listings)
  return listings.map((listing) => listing.view)
}

const saveListings = (tx: Transaction, listings: readonly Listing[]) =>
  tx`
    insert into listings (product_id, status, version, availability, words, document, document_ur, form)
    select *, ${LISTING_FORM}::int from unnest(
      ${listings.map((listing) => listing.product_id)}::uuid[], ${listings.map((listing) => listing.status)}::text[],
      ${listings.map((listing) => listing.version)}::int[], ${listings.map((listing) => listing.availability)}::text[],
      ${listings.map((listing) => listing.words.tsvector)}::text[]::tsvector[],
      ${listings.map((listing) => listing.document)}::text[], ${listings.map((listing) => listing.document_ur)}::text[])
    on conflict (product_id) do update set
      status = excluded.status, version = excluded.version, availability = excluded.availability,
      words = excluded.words, document = excluded.document, document_ur = excluded.document_ur, form = excluded.form`

/** Touches only what differs: when stock comes and goes, nothing does. Says in `shelf_counts` what that adds and takes. */
async function savePlaces(tx: Transaction, listings: readonly Listing[]): Promise<void> {
  const places = listings.flatMap(({ product_id, status, sort_name, sort_name_ur, shelves }) =>
    shelves.map((category_id) => ({ category_id, status, product_id, sort_name, sort_name_ur })),
  )
  await tx`
    with places as (
      select * from json_populate_recordset(null::shelf_places, ${JSON.stringify(places)}::text::json)
    ), left_places as (
      delete from shelf_places known
      where product_id = any(${listings.map((listing) => listing.product_id)}::uuid[])
        and not exists (
          select from places where (places.product_id, places.category_id) = (known.product_id, known.category_id))
      returning category_id, status
    ), taken_places as (
      insert into shelf_places as known select * from places
      on conflict (product_id, category_id) do update set
        status = excluded.status, sort_name = excluded.sort_name, sort_name_ur = excluded.sort_name_ur
      where (known.status, known.sort_name, known.sort_name_ur)
        is distinct from (excluded.status, excluded.sort_name, excluded.sort_name_ur)
      returning new.category_id, new.status, old.status as before
    ), counted as (
      select category_id, status, 1 as count from taken_places
      union all select category_id, before, -1 from taken_places where before is not null
      union all select category_id, status, -1 from left_places
    )
    insert into shelf_counts select category_id, status, sum(count) from counted
    group by category_id, status having sum(count) <> 0`
}

async function savePrices(tx: Transaction, listings: readonly Listing[]): Promise<void> {
  const prices = listings.flatMap(({ product_id, status, sort_name, sort_name_ur, shelves, prices }) =>
    shelves.flatMap((category_id) =>
      prices.map((price) => ({ category_id, status, product_id, sort_name, sort_name_ur, ...price })),
    ),
  )
  await tx`
    with prices as (
      select * from json_populate_recordset(null::shelf_prices, ${JSON.stringify(prices)}::text::json)
    ), left_prices as (
      delete from shelf_prices old
      where product_id = any(${listings.map((listing) => listing.product_id)}::uuid[])
        and not exists (
          select from prices where (prices.product_id, prices.category_id, prices.currency)
            = (old.product_id, old.category_id, old.currency))
    )
    insert into shelf_prices as old select * from prices
    on conflict (product_id, category_id, currency) do update set
      status = excluded.status, amount = excluded.amount, highest = excluded.highest, amounts = excluded.amounts,
      sort_name = excluded.sort_name, sort_name_ur = excluded.sort_name_ur
    where (old.status, old.amounts, old.sort_name, old.sort_name_ur)
      is distinct from (excluded.status, excluded.amounts, excluded.sort_name, excluded.sort_name_ur)`
}

/** From the words of the listings, once these are saved. */
async function saveHeads(tx: Transaction, productIds: readonly string[]): Promise<void> {
  await tx`
    with heads as (
      select lexeme as word, status, head_rank(words, lexeme) as rank, product_id from listings, unnest(words)
      where product_id = any(${[...productIds]}::uuid[]) and 'A' = any(weights) and lexeme !~ '^[=#]'
    ), left_heads as (
      delete from head_words old where product_id = any(${[...productIds]}::uuid[])
        and not exists (select from heads where (heads.product_id, heads.word) = (old.product_id, old.word))
    )
    insert into head_words as old select * from heads
    on conflict (product_id, word) do update set status = excluded.status, rank = excluded.rank
    where (old.status, old.rank) <> (excluded.status, excluded.rank)`
}

/** Last, because another who adds the same new word waits for us; sorted, or the two wait for each other. */
async function saveWords(tx: Transaction, listings: readonly Listing[]): Promise<void> {
  const spellings = new Map(listings.flatMap((listing) => [...listing.words.spellings]))
  const unknown = await tx<{ word: string }[]>`
    select given.word from unnest(${[...spellings.keys()]}::text[]) as given (word)
    where not exists (select from search_words known where known.word = given.word) order by given.word collate "C"`
  if (unknown.length === 0) return
  const rows = unknown.map(({ word }) => {
    const sound = soundOf(spellings.get(word)!)
    return { word, sound, near: nearKeys(sound) }
  })
  await tx`
    insert into search_words select * from json_populate_recordset(null::search_words, ${JSON.stringify(rows)}::text::json)
    on conflict do nothing`
}

/** Adds up what changes have said about each shelf. */
export async function addUpCounts(tx: Transaction): Promise<void> {
  await tx`
    with said as (
      delete from shelf_counts where (category_id, status) in (
        select category_id, status from shelf_counts group by category_id, status having count(*) > 1)
      returning *)
    insert into shelf_counts select category_id, status, sum(count) from said
    group by category_id, status having sum(count) <> 0`
}

/** Remembers that the listings of all products in these categories, and below, have to be made anew. */
export async function markStale(tx: Transaction, categoryId: string): Promise<void> {
  await tx`
    insert into stale_listings select product_id from shelf_places where category_id = ${categoryId}
    on conflict do nothing`
}

/** Takes at most `limit` products off the list of those that `markStale` remembered. */
export async function claimStale(tx: Transaction, limit: number): Promise<string[]> {
  const rows = await tx<{ product_id: string }[]>`
    delete from stale_listings where product_id in (
      select product_id from stale_listings order by product_id limit ${limit} for update skip locked)
    returning product_id`
  return rows.map((row) => row.product_id)
}

/** At most `limit` products whose listing was made in an older form, locked; not those that somebody else has locked. */
export async function lockOutdated(tx: Transaction, limit: number): Promise<string[]> {
  const rows = await tx<{ product_id: string }[]>`
    select product_id from listings join products on products.id = product_id where form < ${LISTING_FORM}
    order by form limit ${limit} for no key update of products skip locked`
  return rows.map((row) => row.product_id)
}

/** Records what is known of these SKUs' stock. Returns the products for which that changes anything. */
export async function saveAvailability(tx: Transaction, news: ReadonlyMap<string, Availability>): Promise<string[]> {
  const rows = [...news].sort(([one], [other]) => (one < other ? -1 : 1))
  const changed = await tx<{ product_id: string }[]>`
    with changed as (
      insert into availability as old
      select * from unnest(${rows.map(([sku]) => sku)}::text[], ${rows.map(([, what]) => what)}::text[])
      on conflict (sku) do update set availability = excluded.availability
      where old.availability <> excluded.availability
      returning sku)
    select distinct product_id from changed join skus using (sku)`
  return changed.map((row) => row.product_id)
}
