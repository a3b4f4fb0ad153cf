import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Process {
  readonly url: string
  /** Ends it in order by SIGTERM, as a crash would by SIGKILL. */
  readonly end: (signal?: 'SIGKILL' | 'SIGTERM') => Promise<void>
}

/** Runs the `main.ts` that lies at `main` as a process of its own. Resolves once it is ready; throws when it ends before. */
export async function startProcess(main: URL, env: NodeJS.ProcessEnv): Promise<Process> {
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    env: { ...process.env, ...env, PORT: '0', LOG_LEVEL: 'info' },
    // The channel tells it when the test is gone.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const lines = createInterface(child.stdout!)
  const ready = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const { message, url } = JSON.parse(line) as { message: string; url?: string }
      if (message === 'ready' && url) resolve(url)
    })
  })
  const url = await Promise.race([
    ready,
    gone.then(([code]) => {
      throw new Error(`${main} ended with ${code} before it was ready`)
    }),
  ])
  return {
    url,
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      await gone
    },
  }
}
