import { copyFileSync, existsSync, mkdirSync, statSync, truncateSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'

const FILE_BYTES = 20_000_000
/** Besides the one that is written. */
const OLDER_FILES = 4
const LOOK_EVERY_MS = 60_000

export interface LogSize {
  readonly fileBytes: number
  /** How many files `<file>.1` and on are kept. */
  readonly olderFiles: number
}

/** A log file that becomes `<file>.1` as soon as it has its size, that one `<file>.2`, and so on; the oldest is dropped. */
export function openLogFile(file: string, { fileBytes, olderFiles }: Partial<LogSize> = {}): RotatingFileStream {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const name = basename(file)
  return createStream((index) => (index ? `${name}.${index}` : name), {
    path: dirname(file),
    size: `${fileBytes ?? FILE_BYTES}B`,
    rotate: olderFiles ?? OLDER_FILES,
    mode: 0o600,
  })
}

/**
 * Bounds a log that another program holds open to append to it: it is copied and emptied, now and then. Returns how to end
 * that.
 */
export function boundLogOf(file: string, { fileBytes = FILE_BYTES, everyMs = LOOK_EVERY_MS } = {}): () => void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const look = () => {
    if (sizeOf(file) <= fileBytes) return
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
  }
  look()
  const looking = setInterval(look, everyMs).unref()
  return () => clearInterval(looking)
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0)
