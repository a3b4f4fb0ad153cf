import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { ConfigError } from './config.ts'
import { createLogger } from './logger.ts'
import { bypassProxyOnLoopback } from './loopback.ts'

/** What the others may take to end their work after an error that one of them did not catch. */
const LAST_WORK_MS = 10_000

/** A part of the mart that this process runs. */
export interface Runnable {
  readonly name: string
  readonly start: () => Promise<{ readonly stop: () => Promise<void> }>
}

/**
 * Runs these in this process until SIGTERM, SIGINT, or the end of the process that started this one; all stop in order then.
 * Bad settings of any end the process at once. An error that one did not catch is logged with its name; since
 * nobody knows what it left undone, all stop in order and the process ends with exit code 1, to be started again.
 */
export async function runAll(parts: readonly Runnable[]): Promise<void> {
  bypassProxyOnLoopback()
  const names = parts.map(({ name }) => name)
  const owner = new AsyncLocalStorage<string>()
  const stops: (() => Promise<void>)[] = []
  let isEnding = false
  const end = (exitCode: number) => {
    if (!isEnding) void endProcess(stops, exitCode) // what still starts has nothing to finish
    isEnding = true
  }
  process.once('SIGTERM', () => end(0))
  process.once('SIGINT', () => end(0))
  process.on('uncaughtException', (error) => {
    const service = owner.getStore() ?? names.join('+')
    createLogger(service, 'fatal').fatal({ err: error }, 'an error was not caught: the process ends')
    setTimeout(() => process.exit(1), LAST_WORK_MS).unref()
    end(1)
  })
  if (process.send) process.once('disconnect', () => end(0))
  if (process.send && !process.connected) end(0)

  const faults: string[] = []
  const startOne = async ({ name, start }: Runnable) => {
    try {
      const { stop } = await start()
      stops.push(stop)
    } catch (error) {
      const text = error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))
      faults.push(names.length > 1 ? `${name}: ${text}` : text)
      throw error
    }
  }
  try {
    await Promise.all(parts.map((part) => owner.run(part.name, startOne, part)))
  } catch {
    await setImmediate() // settings are read first: whatever is wrong with those of the others is known by now
    console.error(faults.join('\n'))
    process.exit(1)
  }
}

async function endProcess(stops: readonly (() => Promise<void>)[], exitCode: number): Promise<never> {
  const results = await Promise.allSettled(stops.map((stop) => stop()))
  const failed = results.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  for (const { reason } of failed) console.error('stopping failed:', reason)
  process.exit(failed.length > 0 ? 1 : exitCode)
}
