import { call } from '@mart/demo/shopper'
import type { RunningMart } from '@mart/local/mart-file'
import { AT_MOST_FOR_NOTHING, measureRecall, WANTED_RECALL } from './search-recall.ts'
import type { Line } from './table.ts'

/** How much of what shoppers look for in the demo catalogue is found; says each query that is not answered well. */
export async function searchLines(mart: RunningMart, say: (line: string) => void): Promise<Line[]> {
  const { queries, recall, heldOutRecall, strays, misses } = await measureRecall(async (query) => {
    const path = `/products?limit=${AT_MOST_FOR_NOTHING + 1}&q=${encodeURIComponent(query)}`
    const { status, body } = await call(`${mart.addresses.product}${path}`, 'GET')
    if (status !== 200) throw new Error(`${path}: ${status}`)
    return body.items.map(({ slug }: { slug: string }) => slug)
  })
  for (const { query, missing } of misses) say(`"${query}" does not show ${missing.join(', ')} among the first five`)
  for (const query of strays) say(`"${query}" is not sold, but finds more than ${AT_MOST_FOR_NOTHING} products`)
  const line = (what: string, value: number): Line => ({
    what,
    value: value.toFixed(3),
    wanted: `≥ ${WANTED_RECALL}`,
    isReached: value >= WANTED_RECALL,
  })
  return [
    line(`search: recall among the first five, ${queries} queries`, recall),
    line('search: recall of the third of them that it was not built with', heldOutRecall),
  ]
}
