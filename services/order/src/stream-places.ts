import { Refusal } from '@mart/service-kit/errors'

const MOST_OF_ONE_PERSON = 5

/**
 * Who holds how many streams of this process. `take` gives a place and how to give it back (once, however often that is
 * called); it throws Refusal 429 beyond five of one person, 503 when `most` are open in all.
 */
export function streamPlaces(most: number): { take: (personId: string) => () => void } {
  const held = new Map<string, number>()
  let open = 0
  return {
    take(personId) {
      const mine = held.get(personId) ?? 0
      if (mine >= MOST_OF_ONE_PERSON) {
        const message = `At most ${MOST_OF_ONE_PERSON} streams of one person: close one first.`
        throw new Refusal(429, 'too_many_streams', message, { headers: { 'retry-after': '5' } })
      }
      if (open >= most) {
        const message = 'Too many streams are open here: read the order from time to time instead.'
        throw new Refusal(503, 'streams_full', message, { headers: { 'retry-after': '30' } })
      }
      held.set(personId, mine + 1)
      open += 1
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        open -= 1
        const left = (held.get(personId) ?? 1) - 1
        if (left === 0) held.delete(personId)
        else held.set(personId, left)
      }
    },
  }
}
