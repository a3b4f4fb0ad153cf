import type { ChildProcess } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import { type LogSize, openLogFile } from './log-files.ts'

const REPEATED_MS = 5_000
const REMEMBERED_CHARACTERS = 4_000

export interface ServiceLog {
  /** Writes down what a process says from now on, and remembers why it ended. */
  listen(child: ChildProcess): { lastWords(): string | undefined }
  close(): void
}

interface LogFiles {
  readonly name: string
  readonly file: string
  /** Of the services whose lines are parted from the rest. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly size?: Partial<LogSize>
}

/**
 * The log files of a process, one for each service in it; problems (level error and above) are also handed on with the
 * service's name, a repeated one once in 5 s.
 */
export function openServiceLog(
  { name, file, files = {}, size }: LogFiles,
  onProblem: (service: string, text: string) => void,
): ServiceLog {
  const open = ([service, path]: readonly [string, string]) => {
    const stream = openLogFile(path, size)
    stream.on('error', (error) => onProblem(service, `its log can't be written: ${error.message}`))
    return [service, stream] as const
  }
  const [, rest] = open([name, file])
  const own = new Map(Object.entries(files).map(open))
  let shown = { text: '', at: Number.NEGATIVE_INFINITY }
  const show = (service: string, text: string) => {
    const now = performance.now()
    if (text === shown.text && now - shown.at < REPEATED_MS) return
    shown = { text, at: now }
    onProblem(service, text)
  }

  return {
    listen(child) {
      let problem: string | undefined
      let complaint = ''
      const readLines = lineReader((lines) => {
        for (const [service, text] of byService(lines, own)) (own.get(service) ?? rest).write(text)
        // Nearly always there is none: a look at the whole spares taking it apart.
        if (!isProblem.test(lines)) return
        for (const line of lines.split('\n').filter((one) => isProblem.test(one))) {
          problem = readable(line)
          show(serviceOf(line) ?? name, problem)
        }
      })
      child.stdout?.on('data', readLines)
      child.stderr?.on('data', (chunk: Buffer) => {
        rest.write(chunk)
        complaint = (complaint + chunk.toString('utf8')).slice(-REMEMBERED_CHARACTERS)
      })
      return { lastWords: () => gist(complaint) ?? problem }
    },
    close() {
      for (const stream of [rest, ...own.values()]) stream.end()
    },
  }
}

const isProblem = /"level":"(?:error|fatal)"/
const serviceOf = (line: string) => /"service":"([^"]+)"/.exec(line)?.[1]

/** Whole lines, as many as there are. */
function lineReader(onLines: (lines: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const text = rest + decoder.write(chunk)
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    if (end > 0) onLines(text.slice(0, end))
  }
}

/** The lines of each service that has a file of its own; those of nobody by the name "". */
function byService(lines: string, own: ReadonlyMap<string, unknown>): Map<string, string> {
  if (own.size === 0) return new Map([['', lines]])
  const texts = new Map<string, string>()
  for (const line of lines.slice(0, -1).split('\n')) {
    const named = serviceOf(line)
    const service = named && own.has(named) ? named : ''
    texts.set(service, `${texts.get(service) ?? ''}${line}\n`)
  }
  return texts
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
