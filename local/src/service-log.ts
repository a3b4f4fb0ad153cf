import type { ChildProcess } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const ROTATED_BYTES = 20_000_000
const REPEATED_MS = 5_000
const REMEMBERED_CHARACTERS = 4_000

export interface ServiceLog {
  /** Writes down what a process says from now on, and remembers why it ended. */
  listen(child: ChildProcess): { lastWords(): string | undefined }
  close(): void
}

/** Makes room: a log that has grown large becomes `<file>.1`. */
export function rotateLog(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (existsSync(file) && statSync(file).size > ROTATED_BYTES) renameSync(file, `${file}.1`)
}

/** A service's log file; problems (level error and above) are also handed on, a repeated one once in 5 s. */
export function openServiceLog(file: string, onProblem: (text: string) => void): ServiceLog {
  rotateLog(file)
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  stream.on('error', (error) => onProblem(`its log can't be written: ${error.message}`))
  let shown = { text: '', at: Number.NEGATIVE_INFINITY }
  const show = (text: string) => {
    const now = performance.now()
    if (text === shown.text && now - shown.at < REPEATED_MS) return
    shown = { text, at: now }
    onProblem(text)
  }

  return {
    listen(child) {
      let problem: string | undefined
      let complaint = ''
      const readLines = problemReader((text) => {
        problem = text
        show(text)
      })
      child.stdout?.on('data', (chunk: Buffer) => {
        stream.write(chunk)
        readLines(chunk.toString('utf8'))
      })
      child.stderr?.on('data', (chunk: Buffer) => {
        stream.write(chunk)
        complaint = (complaint + chunk.toString('utf8')).slice(-REMEMBERED_CHARACTERS)
      })
      return { lastWords: () => gist(complaint) ?? problem }
    },
    close: () => stream.end(),
  }
}

function problemReader(onProblem: (text: string) => void): (chunk: string) => void {
  const isProblem = /"level":"(?:error|fatal)"/
  let rest = ''
  return (chunk) => {
    const text = rest + chunk
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    // Nearly always there is none: a look at the whole spares taking it apart.
    if (!isProblem.test(text)) return
    for (const line of text.slice(0, end).split('\n')) if (isProblem.test(line)) onProblem(readable(line))
  }
}

function readable(line: string): string {
  try {
    const { message, err } = JSON.parse(line) as { message?: string; err?: { message?: string } }
    return [message, err?.message].filter(Boolean).join(': ')
  } catch {
    return line
  }
}

/** Of a stack trace the error's own line, of anything else the whole. */
function gist(complaint: string): string | undefined {
  const errors = complaint.match(/^\w*(?:Error|Fault)\b.*$/gm)
  return errors?.at(-1) ?? (complaint.trim() || undefined)
}
