import type { Clock, Routine, Wait } from './clock.ts'

/** Where work is done one after the other; how long it was busy, waiting for a core included. */
export interface Station {
  readonly name: string
  readonly busyMs: () => number
  readonly mostWaiting: () => number
}

/** The one thread of a Node process: who comes first is served first. */
export interface Thread extends Station {
  /** What it was asked to do so far. */
  readonly workMs: () => number
  readonly work: (ms: number) => Wait
}

export function createThread(clock: Clock, name: string): Thread {
  const waiting = createFifo<{ readonly ms: number; readonly goOn: () => void }>()
  let isBusy = false
  let busyMs = 0
  let workMs = 0
  let mostWaiting = 0
  const serve = (ms: number, goOn: () => void) => {
    isBusy = true
    const since = clock.now()
    clock.cpu(ms)(() => {
      busyMs += clock.now() - since
      const next = waiting.take(1)[0]
      if (next) serve(next.ms, next.goOn)
      else isBusy = false
      goOn()
    })
  }
  return {
    name,
    busyMs: () => busyMs,
    mostWaiting: () => mostWaiting,
    workMs: () => workMs,
    work: (ms) => (goOn) => {
      workMs += ms
      if (!isBusy) return serve(ms, goOn)
      waiting.push({ ms, goOn })
      mostWaiting = Math.max(mostWaiting, waiting.size())
    },
  }
}

/** A database: each transaction has a session, and so a core of its own when one is free. */
export interface Server {
  readonly name: string
  readonly cpuMs: () => number
  readonly transactions: () => number
  /** Work outside of what is played. */
  readonly spend: (ms: number) => Wait
  /** One that writes waits for its log to be on disk, without a core. */
  readonly transaction: (ms: number, commitMs: number, midway?: () => void) => Routine
}

export function createServer(clock: Clock, name: string): Server {
  let cpuMs = 0
  let transactions = 0
  return {
    name,
    cpuMs: () => cpuMs,
    transactions: () => transactions,
    spend(ms) {
      cpuMs += ms
      return clock.cpu(ms)
    },
    *transaction(ms, commitMs, midway) {
      cpuMs += ms
      transactions += 1
      yield clock.cpu(ms / 2)
      midway?.()
      yield clock.cpu(ms / 2)
      if (commitMs > 0) yield clock.sleep(commitMs)
    },
  }
}

/**
 * A loop that takes what waits, as much as a batch may hold, and does that: the relay for example. It may be always under way
 * and still carry more, in larger batches; it is the limit when its batches are full.
 */
export interface Loop extends Station {
  readonly round: (batch: { readonly size: number; readonly most: number }, work: Routine) => Routine
  readonly noteWaiting: (count: number) => void
  /** How long its batches were full. */
  readonly fullMs: () => number
  readonly meanBatch: () => number
}

export function createLoop(clock: Clock, name: string): Loop {
  let [busyMs, fullMs, mostWaiting, batches, items] = [0, 0, 0, 0, 0]
  return {
    name,
    busyMs: () => busyMs,
    fullMs: () => fullMs,
    mostWaiting: () => mostWaiting,
    meanBatch: () => items / Math.max(1, batches),
    noteWaiting(count) {
      mostWaiting = Math.max(mostWaiting, count)
    },
    *round({ size, most }, work) {
      const since = clock.now()
      yield* work
      busyMs += clock.now() - since
      if (size >= most) fullMs += clock.now() - since
      if (size > 0) batches += 1
      items += size
    },
  }
}

/** As packages/service-kit/src/wake-up.ts: no work is missed that comes between looking and sleeping. */
export function createWakeUp(clock: Clock): { readonly wake: () => void; readonly wait: (ms: number) => Wait } {
  let woken = false
  let end: (() => void) | undefined
  return {
    wake() {
      woken = true
      end?.()
    },
    wait: (ms) => (goOn) => {
      const mine = () => {
        if (end !== mine) return
        end = undefined
        woken = false
        goOn()
      }
      end = mine
      if (woken) mine()
      else clock.sleep(ms)(mine)
    },
  }
}

/** A queue of which the front is taken off again and again. */
export interface Fifo<Item> {
  readonly size: () => number
  readonly push: (item: Item) => void
  readonly take: (most: number) => Item[]
}

export function createFifo<Item>(): Fifo<Item> {
  let items: Item[] = []
  let first = 0
  return {
    size: () => items.length - first,
    push: (item) => void items.push(item),
    take(most) {
      const taken = items.slice(first, first + most)
      first += taken.length
      if (first > 1_000 && first * 2 > items.length) {
        items = items.slice(first)
        first = 0
      }
      return taken
    },
  }
}
