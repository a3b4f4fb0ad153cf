import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findRunningMart, type RunningMart } from '@mart/local/mart-file'

const root = join(import.meta.dirname, '../..')

export interface MartProcess {
  readonly mart: RunningMart
  /** From `npm start` until it said that it is ready. */
  readonly secondsToReady: number
  readonly stop: () => Promise<void>
}

/** Runs `npm start` as a person would, so that the load comes from another process than the mart. */
export async function startMartProcess(env: Record<string, string> & { MART_DATA_DIR: string }): Promise<MartProcess> {
  const startedAt = performance.now()
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(npm, 'exit')
  for await (const line of createInterface({ input: npm.stdout })) if (line.startsWith('Ready in')) break
  const secondsToReady = (performance.now() - startedAt) / 1000
  const mart = findRunningMart(env.MART_DATA_DIR)
  if (!mart) throw new Error('npm start ended before the mart was ready')
  npm.stdout.resume()
  return {
    mart,
    secondsToReady,
    async stop() {
      process.kill(-npm.pid!, 'SIGINT') // as Ctrl-C does: to npm and to what it runs
      await ended
    },
  }
}
