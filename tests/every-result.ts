import type { TestEvent } from 'node:test/reporters'

interface Seen {
  started: number
  reported: number
  isRevoked: boolean
}

/** What a file's own process says of a test; the runner's line about the file itself names no entryFile. */
type OfFile = { readonly entryFile?: string }

/**
 * A reporter that says nothing while every test that began is reported, and fails the run otherwise: a process that
 * ends before its pipe is empty loses its last results, failures among them.
 */
export default async function* everyResult(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Map<string, Seen>()
  let total = 0
  for await (const { type, data } of events) {
    const { entryFile } = data as OfFile
    if (entryFile === undefined) continue
    let seen = files.get(entryFile)
    if (!seen) {
      seen = { started: 0, reported: 0, isRevoked: false }
      files.set(entryFile, seen)
    }
    if (type === 'test:dequeue') seen.started += 1
    if (type === 'test:pass' || type === 'test:fail') {
      seen.reported += 1
      total += 1
    }
    if (type === 'test:summary') seen.isRevoked = true
  }
  const short = [...files].filter(([, { started, reported, isRevoked }]) => started !== reported || !isRevoked)
  for (const [file, { started, reported, isRevoked }] of short) {
    const end = isRevoked ? '' : ', and its process ended before it had told all'
    yield `✖ ${file}: ${started} tests began, ${reported} were reported${end}\n`
  }
  if (short.length > 0) process.exitCode = 1
  else yield `ℹ each of the ${total} tests that began was reported, in ${files.size} files\n`
}
