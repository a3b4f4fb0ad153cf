import type { Consumer } from '@platformatic/kafka'
import type { Progress } from './lanes.ts'

/**
 * Commits what was read in the generation that the member is in now, and nothing once it is in another one: what was its
 * partition may be somebody else's, who has committed more. The library would: it takes the new generation's number
 * before it says that it has joined, and repeats a refused commit, as it was, after joining anew.
 */
export function committerOfGeneration(member: Consumer): (progress: readonly Progress[]) => Promise<void> {
  const generation = member.generationId
  const isCurrent = () => member.generationId === generation
  return async (progress) => {
    if (!isCurrent()) return
    const offsets = progress.map(({ next, ...place }) => ({ ...place, offset: BigInt(next), leaderEpoch: -1 }))
    await member.commit({
      // The library reads this at each of its tries.
      get offsets() {
        return isCurrent() ? offsets : []
      },
    })
  }
}
