import { Refusal } from './errors.ts'
import { type LogContext, logContext } from './logger.ts'
import { isCollision, isPassingFault } from './postgres.ts'

export interface BatchSettings<Item, Result> {
  /** Does all of them at once, or, when it throws, none. Returns a result for each, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly mostItems: number
  readonly mostAtOnce: number
  readonly mostWaiting: number
}

/**
 * Does together what arrives together, in batches that adapt by themselves: a lone item goes at once, what arrives while
 * `mostAtOnce` batches are under way makes the next one. No timer waits for company. One item that cannot be done does
 * not take the others with it: a batch that fails is done again one after the other, unless the database is away.
 * The function that is returned throws what `run` threw for its item, and Refusal 503 when too many wait.
 */
export function inBatches<Item, Result>(settings: BatchSettings<Item, Result>): (item: Item) => Promise<Result> {
  const { mostItems, mostAtOnce, mostWaiting } = settings
  const waiting: Waiting<Item, Result>[] = []
  let underWay = 0

  const flush = () => {
    while (waiting.length > 0 && underWay < mostAtOnce) {
      underWay += 1
      runBatch(settings, waiting.splice(0, mostItems)).finally(() => {
        underWay -= 1
        flush()
      })
    }
  }

  return async (item) => {
    if (waiting.length >= mostWaiting) {
      throw new Refusal(503, 'busy', 'Too much at once: try again.', { headers: { 'retry-after': '1' } })
    }
    return await new Promise<Result>((resolve, reject) => {
      waiting.push({ item, context: logContext.getStore() ?? {}, resolve, reject })
      flush()
    })
  }
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly context: LogContext
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

async function runBatch<Item, Result>(
  settings: BatchSettings<Item, Result>,
  batch: readonly Waiting<Item, Result>[],
): Promise<void> {
  // Of several requests none may pass for all: their lines and events would be mixed up.
  const context = batch.length === 1 ? batch[0]!.context : {}
  try {
    const results = await logContext.run(context, () => settings.run(batch.map(({ item }) => item)))
    for (const [place, { resolve }] of batch.entries()) resolve(results[place] as Result)
  } catch (error) {
    const isHopeless = isPassingFault(error) && !isCollision(error)
    if (batch.length === 1 || isHopeless) for (const { reject } of batch) reject(error)
    else for (const one of batch) await runBatch(settings, [one])
  }
}
