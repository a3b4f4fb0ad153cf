import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceRefusal } from '../services-client.ts'

const MOST_TRIES = 20
const TRY_AGAIN_MS = 200

/** A button was pressed again while the first press is under way: what comes of that is this one's answer as well. */
export async function onceDone<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      const isUnderWay = error instanceof ServiceRefusal && error.problem.code === 'idempotency_key_in_use'
      if (!isUnderWay || tries === MOST_TRIES) throw error
      await sleep(TRY_AGAIN_MS)
    }
  }
}
