import TinyQueue from 'tinyqueue'

/** What a routine waits for: it is given how to go on. */
export type Wait = (goOn: () => void) => void
/** Something that happens over time. What runs between two waits takes no time. */
export type Routine = Generator<Wait, void, void>

export interface Clock {
  /** Simulated milliseconds. */
  readonly now: () => number
  /** CPU milliseconds that were given out so far. */
  readonly cpuMs: () => number
  /** How much longer work took than it would have with a core to itself. */
  readonly stretch: () => number
  readonly start: (routine: Routine) => void
  readonly sleep: (ms: number) => Wait
  /** So much of a core: longer than that while more want one than there are. */
  readonly cpu: (ms: number) => Wait
  /** Goes on until `isOver`, nothing is left to happen, or `untilMs` has come. */
  readonly run: (isOver: () => boolean, untilMs: number) => void
}

interface Due {
  readonly at: number
  /** Of two at the same time the one that was asked for first. */
  readonly n: number
  readonly goOn: () => void
}

const byTime = (a: Due, b: Due) => a.at - b.at || a.n - b.n

/**
 * Discrete events in one time, and cores that are shared evenly by all who want one at the moment (processor sharing, as
 * Linux does it). All get the same, so what each has got is one number, and who ends first is a queue by that number.
 * `rivals` are others who always want a core.
 */
export function createClock(cores: number, rivals = 0): Clock {
  const timers = new TinyQueue<Due>([], byTime)
  const jobs = new TinyQueue<Due>([], byTime)
  let now = 0
  let got = 0
  let given = 0
  let underWay = 0
  let asked = 0

  const share = () => Math.min(1, cores / (jobs.length + rivals))
  const goTo = (at: number) => {
    const each = jobs.length === 0 ? 0 : (at - now) * share()
    got += each
    given += each * jobs.length
    underWay += (at - now) * jobs.length
    now = at
  }
  const next = (): Due | undefined => {
    const [timer, job] = [timers.peek(), jobs.peek()]
    const jobEndsAt = job ? now + Math.max(0, job.at - got) / share() : Number.POSITIVE_INFINITY
    const timerEndsAt = timer ? Math.max(now, timer.at) : Number.POSITIVE_INFINITY
    if (!job && !timer) return undefined
    goTo(Math.min(jobEndsAt, timerEndsAt))
    return jobEndsAt <= timerEndsAt ? jobs.pop() : timers.pop()
  }

  return {
    now: () => now,
    cpuMs: () => given,
    stretch: () => underWay / given,
    start(routine) {
      const goOn = () => {
        const { value } = routine.next()
        value?.(goOn)
      }
      goOn()
    },
    sleep: (ms) => (goOn) => timers.push({ at: now + ms, n: asked++, goOn }),
    cpu: (ms) => (goOn) => jobs.push({ at: got + ms, n: asked++, goOn }),
    run(isOver, untilMs) {
      while (!isOver() && now < untilMs) {
        const due = next()
        if (!due) return
        due.goOn()
      }
    },
  }
}

/** The same numbers for the same seed: mulberry32, from 0 to below 1. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Between two arrivals of a Poisson process. */
export const exponential = (random: () => number, mean: number): number => -mean * Math.log(1 - random())
