import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@mart/local/ports'
import { eventually } from '@mart/service-kit/eventually'

export interface TestStripeMock {
  readonly url: string
  stop(): Promise<void>
}

export const whyNoStripeMock =
  'stripe-mock is not on the PATH (go install github.com/stripe/stripe-mock@v0.203.0), and STRIPE_MOCK_URL names none.'

/** The stripe-mock that STRIPE_MOCK_URL names, or one to throw away; undefined when there is neither. */
export async function startStripeMock(): Promise<TestStripeMock | undefined> {
  const given = process.env['STRIPE_MOCK_URL']
  if (given) return { url: given, stop: async () => undefined }
  const port = await freePort()
  const child = spawn('stripe-mock', ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' })
  const isThere = await once(child, 'spawn').then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
  if (!isThere) return undefined
  const url = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    )
  await eventually(answers, 'stripe-mock answers')
  return {
    url,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
