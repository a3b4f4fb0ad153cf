export type MartEvent =
  | { readonly kind: 'begun'; readonly step: string }
  | { readonly kind: 'done'; readonly step: string; readonly tookMs: number; readonly note?: string }
  | { readonly kind: 'stopped'; readonly step: string; readonly tookMs: number }
  | { readonly kind: 'line'; readonly text: string }

export type Report = (event: MartEvent) => void

/** What stops together; the first stops first. */
const stages = ['services', 'stand-ins', 'servers', 'data folder'] as const

interface Part {
  readonly stage: (typeof stages)[number]
  readonly name: string
  readonly stop: () => Promise<void>
}

/** What is up so far, and how it comes down. */
export interface Up {
  /** Runs a part of the start and reports it; rejects at once when the start was aborted before. */
  step<Result>(name: string, work: () => Promise<Result>, note?: (result: Result) => string): Promise<Result>
  say(text: string): void
  add(part: Part): void
  /** Stops all that was added since the last call, stage by stage. Rejects at the end with what went wrong. */
  stop(): Promise<void>
}

export function listUp(report: Report, signal: AbortSignal | undefined): Up {
  let parts: Part[] = []
  let stopped = Promise.resolve()

  async function stopAll() {
    const faults: unknown[] = []
    const leaving = parts
    parts = []
    for (const stage of stages) {
      const stops = leaving.filter((part) => part.stage === stage).map((part) => stopPart(part, report))
      for (const result of await Promise.allSettled(stops)) if (result.status === 'rejected') faults.push(result.reason)
    }
    if (faults.length > 0) throw faults.length === 1 ? faults[0] : new AggregateError(faults, 'Stopping went wrong')
  }

  return {
    async step(name, work, note) {
      signal?.throwIfAborted()
      const begunAt = performance.now()
      report({ kind: 'begun', step: name })
      const result = await work()
      const done = { kind: 'done', step: name, tookMs: performance.now() - begunAt } as const
      report(note ? { ...done, note: note(result) } : done)
      return result
    },
    say: (text) => report({ kind: 'line', text }),
    add: (part) => parts.push(part),
    stop() {
      stopped = stopped.then(stopAll)
      return stopped
    },
  }
}

async function stopPart({ stage, name, stop }: Part, report: Report): Promise<void> {
  const begunAt = performance.now()
  await stop()
  if (stage !== 'data folder') report({ kind: 'stopped', step: name, tookMs: performance.now() - begunAt })
}
