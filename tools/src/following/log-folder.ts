import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAbout, type LogLine, type LogSource, type Period, readLine } from './log-lines.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
const LOOK_EVERY_MS = 200
/** How far the order of lines in a file may be from that of their times. */
const SLACK_MS = 60_000
const MOST_OTHERS = 5_000
const NEWLINE = 0x0a

/** The logs of a mart on this machine: `<service>.log` and what was rotated. */
export function logFolder(folder: string): LogSource {
  const files = (pattern: RegExp) =>
    readdirSync(folder).flatMap((name) => (pattern.test(name) ? join(folder, name) : []))
  return {
    async find(ids, within) {
      // Only the order service knows orders by their numbers.
      const isByNumber = [...ids].every((id) => id.startsWith('M-'))
      const where = files(isByNumber ? /^(order|mart)\.log(\.\d+)?$/ : /\.log(\.\d+)?$/)
      return where.flatMap((file) => linesIn(file, ids, within))
    },
    watch(ids, signal) {
      const tails = new Map(files(/\.log$/).map((file) => [file, openTail(file, 'end')]))
      return linesOf(tails, ids, signal)
    },
  }

  async function* linesOf(
    tails: Map<string, ReturnType<typeof openTail>>,
    ids: ReadonlySet<string>,
    signal: AbortSignal,
  ) {
    let others: LogLine[] = []
    try {
      while (!signal.aborted) {
        for (const file of files(/\.log$/)) if (!tails.has(file)) tails.set(file, openTail(file, 'start'))
        const lines = [...tails.values()].flatMap((tail) => tail.read()).flatMap((json) => readLine(json) ?? [])
        // What was read before the line that names its trace becomes known by it.
        const known = [...others, ...lines]
        const wanted = known.filter((line) => isAbout(line, ids))
        others = known.filter((line) => !isAbout(line, ids)).slice(-MOST_OTHERS)
        if (wanted.length > 0) yield wanted
        else await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
      }
    } finally {
      for (const tail of tails.values()) tail.close()
    }
  }
}

/** Looks for the ids as bytes: reading a day's lines as JSON would take a hundred times as long. */
function linesIn(file: string, ids: ReadonlySet<string>, within: Period | undefined): LogLine[] {
  const fd = openSync(file, 'r')
  try {
    const found = new Map<number, LogLine>()
    const { size } = fstatSync(fd)
    const needles = [...ids].map((id) => Buffer.from(`"${id}"`))
    const from = within ? firstAfter(fd, size, within.from.getTime() - SLACK_MS) : 0
    const to = within?.to ? firstAfter(fd, size, within.to.getTime() + SLACK_MS) + CHUNK_BYTES : size
    for (const { chunk, at } of wholeLines(fd, from, to)) {
      for (const needle of needles) {
        for (let hit = chunk.indexOf(needle); hit >= 0; ) {
          const start = chunk.lastIndexOf(NEWLINE, hit) + 1
          const end = chunk.indexOf(NEWLINE, hit)
          const line = readLine(chunk.toString('utf8', start, end < 0 ? chunk.length : end))
          if (line && isAbout(line, ids)) found.set(at + start, line)
          if (end < 0) break
          hit = chunk.indexOf(needle, end)
        }
      }
    }
    return [...found].sort(([one], [other]) => one - other).map(([, line]) => line)
  } finally {
    closeSync(fd)
  }
}

/** The file from `from` to about `to`, in large pieces that end where a line does; each is gone when the next one is asked for. */
function* wholeLines(fd: number, from: number, to: number): Generator<{ chunk: Buffer; at: number }> {
  let buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let kept = 0
  for (let at = from; at < to; ) {
    const read = readSync(fd, buffer, kept, buffer.length - kept, at + kept)
    const filled = kept + read
    if (read === 0) {
      if (filled > 0) yield { chunk: buffer.subarray(0, filled), at }
      return
    }
    const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1
    if (end > 0) yield { chunk: buffer.subarray(0, end), at }
    else if (filled === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)])
    buffer.copyWithin(0, end, filled)
    at += end
    kept = filled - end
  }
}

/** A place before the first line that is not older, and not far before it, by halving: a log is in the order of time. */
function firstAfter(fd: number, size: number, time: number): number {
  let [low, high] = [0, size]
  while (high - low > CHUNK_BYTES) {
    const middle = Math.floor((low + high) / 2)
    const at = timeAfter(fd, middle)
    if (at !== null && at < time) low = middle
    else high = middle
  }
  return lineStartAt(fd, low)
}

const TIME_WITHIN_BYTES = 64 * 1024

/** When the next line after this place was written; null when there is none that says so nearby. */
function timeAfter(fd: number, position: number): number | null {
  const piece = Buffer.alloc(TIME_WITHIN_BYTES)
  const text = piece.toString('latin1', 0, readSync(fd, piece, 0, piece.length, position))
  const [, time] = /\n\{[^\n]*?"time":"([^"]+)"/.exec(text) ?? []
  return time ? Date.parse(time) : null
}

function lineStartAt(fd: number, position: number): number {
  if (position === 0) return 0
  const piece = Buffer.alloc(TIME_WITHIN_BYTES)
  const newline = piece.subarray(0, readSync(fd, piece, 0, piece.length, position)).indexOf(NEWLINE)
  return newline < 0 ? position : position + newline + 1
}

/** What is appended to a file, also after it was renamed and begun anew, or emptied. */
function openTail(file: string, from: 'start' | 'end') {
  let fd = openSync(file, 'r')
  let at = from === 'end' ? fstatSync(fd).size : 0
  let decoder = new StringDecoder('utf8')
  let rest = ''
  const piece = Buffer.allocUnsafe(CHUNK_BYTES)
  const append = (): string[] => {
    if (fstatSync(fd).size < at) at = 0
    for (let read = 1; read > 0; at += read) {
      read = readSync(fd, piece, 0, piece.length, at)
      rest += decoder.write(piece.subarray(0, read))
    }
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    return lines
  }
  return {
    read(): string[] {
      const lines = append()
      const now = statSync(file, { throwIfNoEntry: false })
      if (!now || now.ino === fstatSync(fd).ino) return lines
      // What was written between the last look and the renaming is read first.
      lines.push(...append())
      closeSync(fd)
      fd = openSync(file, 'r')
      at = 0
      decoder = new StringDecoder('utf8')
      rest = ''
      return [...lines, ...append()]
    },
    close: () => closeSync(fd),
  }
}
