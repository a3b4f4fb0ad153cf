import type { ImportResult } from '@mart/contracts/http/import-shapes'
import { newId } from '@mart/service-kit/ids'
import { addAllToOutbox } from '@mart/service-kit/outbox'
import type { Transaction } from '@mart/service-kit/postgres'
import { categoryIdsOf, slugsOf } from '../category-store.ts'
import { type Change, importReport } from '../import-report.ts'
import { changesFrom, checkRow, type Faults, type FoundRow, MAX_VARIANTS } from '../import-rows.ts'
import { holdImports, lockProductsOf, nextRows, openRows } from '../import-store.ts'
import { renewListings } from '../listing-store.ts'
import { pauses } from '../pauses.ts'
import { addedSkus, changedProduct, newProduct, type Product, toPublish } from '../product.ts'
import { claimSkus, lockProducts, readProducts, saveProducts, takenSlugs } from '../product-store.ts'
import { slugFrom } from '../slug.ts'

const ROWS_PER_BATCH = 200
const VARIANTS_PER_STATEMENT = 200

export interface Import {
  readonly id: string
  readonly faults: Faults
  readonly createSimilar: boolean
  /** Says what would happen, and locks and writes nothing. */
  readonly dryRun: boolean
}

/** All of the rows that were staged for this import or, when one is faulty, nothing. */
export async function importProducts(tx: Transaction, file: Import): Promise<ImportResult> {
  const { faults, dryRun } = file
  if (!dryRun) {
    await holdImports(tx)
    await lockProductsOf(tx, file.id)
  }
  await openRows(tx, file.id)
  const report = importReport({ dryRun })
  const takeSlugs = slugTaker(tx, file.id)
  const pause = pauses()
  for await (const groups of batches(tx, faults)) {
    const wanted = groups.map((rows) => rows.filter((row) => file.createSimilar || !row.similar_sku))
    for (const row of groups.flat()) if (!file.createSimilar && row.similar_sku) report.skip(row)
    const changes = await changesOf(
      tx,
      wanted.filter((rows) => rows.length > 0),
      { ...file, takeSlugs },
    )
    const slugs = await slugsOf(
      tx,
      changes.flatMap(({ before, after }) => [...(before?.category_ids ?? []), ...after.category_ids]),
    )
    for (const change of changes) {
      report.add(change, (id) => slugs.get(id)!)
      await pause()
    }
    if (!dryRun) await claimAdded(tx, changes, faults)
    if (!dryRun && !faults.any()) await save(tx, changes, slugs)
    if (faults.full()) break
  }
  faults.refuse()
  return report.result()
}

/** The rows of some products at a time. A product has no more than 100 variants: what is beyond is faulty, and let go. */
async function* batches(tx: Transaction, faults: Faults): AsyncGenerator<FoundRow[][]> {
  let groups: FoundRow[][] = []
  let group: FoundRow[] = []
  let rows = 0
  for (let page = await nextRows(tx, ROWS_PER_BATCH); page.length > 0; page = await nextRows(tx, ROWS_PER_BATCH)) {
    for (const found of page) {
      if (group[0]?.product_key !== found.product_key) {
        if (rows >= ROWS_PER_BATCH) {
          yield groups
          groups = []
          rows = 0
        }
        group = []
        groups.push(group)
      }
      rows += 1
      if (group.length < MAX_VARIANTS) group.push(found)
      else faults.add(found.content.row, 'sku', 'maxItems', `more than ${MAX_VARIANTS} variants of one product`)
      if (faults.full()) return
    }
  }
  if (groups.length > 0) yield groups
}

async function changesOf(
  tx: Transaction,
  groups: readonly FoundRow[][],
  { faults, dryRun, takeSlugs }: Import & { takeSlugs: ReturnType<typeof slugTaker> },
): Promise<Change[]> {
  const ids = groups.flatMap(([first]) => first?.product_id ?? [])
  const known = new Map((await (dryRun ? readProducts : lockProducts)(tx, ids)).map((product) => [product.id, product]))
  const categoryIds = await categoryIdsOf(
    tx,
    groups.flat().flatMap(({ content }) => content.categories ?? []),
  )
  const making = { at: new Date(), makeId: newId }
  const pause = pauses()
  const wanted: { before: Product | null; rows: FoundRow[]; changes: ReturnType<typeof changesFrom> }[] = []
  for (const rows of groups) {
    const before = known.get(rows[0]?.product_id ?? '') ?? null
    for (const row of rows) checkRow(row, before, faults)
    const contents = rows.map((row) => row.content)
    wanted.push({ before, rows, changes: changesFrom(before, contents, categoryIds, faults) })
    await pause()
  }
  const isNameless = ({ before, changes }: (typeof wanted)[number]) => !before && !changes.slug
  const madeUp = await takeSlugs(
    wanted.filter(isNameless).map(({ changes }) => slugFrom(changes.name ?? '', 'product')),
  )
  const changes: Change[] = []
  for (const one of wanted) {
    const { before, rows, changes: given } = one
    const { name = '', slug = madeUp.shift() ?? '' } = given
    const after = before ? changedProduct(before, given, making) : newProduct({ ...given, name, slug }, making)
    changes.push({ before, rows, after })
    await pause()
  }
  return changes
}

/** Makes a slug for each of the wanted ones: that one, or the first number behind it that nobody has. */
function slugTaker(tx: Transaction, importId: string) {
  const taken = new Set<string>()
  const numbers = new Map<string, number>()
  return async (wanted: readonly string[]): Promise<string[]> => {
    const unseen = [...new Set(wanted)].filter((slug) => !numbers.has(slug))
    if (unseen.length > 0) for (const slug of await takenSlugs(tx, unseen, importId)) taken.add(slug)
    return wanted.map((base) => {
      let number = numbers.get(base) ?? 1
      const slugOf = () => (number === 1 ? base : `${base}-${number}`)
      while (taken.has(slugOf())) number += 1
      numbers.set(base, number + 1)
      taken.add(slugOf())
      return slugOf()
    })
  }
}

async function claimAdded(tx: Transaction, changes: readonly Change[], faults: Faults): Promise<void> {
  const claims = changes.flatMap(({ before, after }) =>
    addedSkus(before, after).map((sku) => ({ sku, productId: after.id })),
  )
  const taken = new Set(await claimSkus(tx, claims))
  for (const { row, sku } of changes.flatMap((change) => change.rows.map(({ content }) => content)))
    if (taken.has(sku) && !faults.has(row))
      faults.add(row, 'sku', 'sku_taken', `${sku} is taken by another product, or retired`)
}

/** In statements of so many variants: what one of them takes is what others wait for. */
async function save(tx: Transaction, all: readonly Change[], slugs: ReadonlyMap<string, string>): Promise<void> {
  let part: Change[] = []
  let variants = 0
  const flush = async () => {
    const products = part.map((change) => change.after)
    if (products.length === 0) return
    await saveProducts(tx, products)
    await renewListings(
      tx,
      products.map((product) => product.id),
    )
    const told = part.flatMap(({ before, after }) => toPublish(before, after, (id) => slugs.get(id)!) ?? [])
    await addAllToOutbox(tx, told)
    part = []
    variants = 0
  }
  for (const change of all) {
    if (change.before === change.after) continue
    part.push(change)
    variants += change.after.variants.length
    if (variants >= VARIANTS_PER_STATEMENT) await flush()
  }
  await flush()
}
