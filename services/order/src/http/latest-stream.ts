import { Readable } from 'node:stream'

/**
 * A stream of texts of which only the newest matters: a reader that is slow gets what is newest when he is ready, and at
 * most one text waits for him. `isStuck` while he has not taken what was sent.
 */
export function latestStream() {
  let owed: string | null = null
  let isEnding = false
  const stream = new Readable({
    read() {
      const text = owed
      owed = null
      if (text === null) return
      stream.push(text)
      if (isEnding) stream.push(null)
    },
  })
  return {
    stream,
    isStuck: () => stream.readableLength > 0,
    send(text: string) {
      if (isEnding) return
      if (stream.readableLength > 0) owed = text
      else stream.push(text)
    },
    end() {
      if (!isEnding && owed === null) stream.push(null)
      isEnding = true
    },
  }
}
