// `npm run follow`: an order's story over all services, from the log files of the mart on this machine, or from VictoriaLogs.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { portsAt } from '@mart/local/ports'
import { readSettings } from '@mart/local/settings'
import { MartFault } from '@mart/service-kit/fault'
import { logFolder } from './following/log-folder.ts'
import type { LogLine, LogSource } from './following/log-lines.ts'
import { lineText, printStory } from './following/print-story.ts'
import { beganAt, findStory, type Step, type Story, stepsOf } from './following/story.ts'
import { answersAt, victoriaLogs } from './following/victoria-logs.ts'

const help = `npm run follow -- M-100023          the order's story: who did what, when, why, and how long it took
npm run follow -- <id>              the same, by the id of the order, of its payment or of a trace
npm run follow -- M-100023 --live   and goes on with it as it happens, until Ctrl+C

Reads the log files of the mart on this machine (MART_DATA_DIR), or asks the VictoriaLogs at LOGS_URL; where there are no
files, the one at http://127.0.0.1:9428.`

try {
  const { id, live } = readArguments(process.argv.slice(2))
  const source = await sourceOf(process.env)
  // Begun before the look at what is there: nothing falls between the two.
  const ids = new Set([id])
  const stopping = new AbortController()
  const watched = live ? source.watch(ids, stopping.signal) : undefined
  const story = await findStory(source, id)
  if (story) printStory(story, console.log)
  else if (!live) throw new MartFault(`No line of any log names ${id}.`)
  process.once('SIGINT', () => stopping.abort())
  if (watched) await goOn(watched, ids, story)
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

function readArguments(args: string[]): { id: string; live: boolean } {
  try {
    const { values, positionals } = parseArgs({ args, options: { live: { type: 'boolean' } }, allowPositionals: true })
    const [given, ...more] = positionals
    if (given === undefined || more.length > 0) throw new MartFault(help)
    const id = given.startsWith('m-') ? given.toUpperCase() : given
    const isId = /^M-\d{1,15}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^[0-9a-f]{32}$/.test(id)
    if (!isId) throw new MartFault(`${given} is no order's number like M-100023 and no id.\n\n${help}`)
    return { id, live: values.live ?? false }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error
    throw new MartFault(`${message.split('. ')[0]}.\n\n${help}`)
  }
}

async function sourceOf(env: NodeJS.ProcessEnv): Promise<LogSource> {
  const given = env['LOGS_URL']
  if (given) {
    if (!/^https?:$/.test(URL.parse(given)?.protocol ?? ''))
      throw new MartFault('LOGS_URL must be an http:// or https:// address')
    return victoriaLogs(given)
  }
  const { dataDir, portOffset } = readSettings(env)
  const folder = join(dataDir, 'logs')
  const usual = `http://127.0.0.1:${portsAt(portOffset).logs}`
  if (existsSync(folder)) return logFolder(folder)
  if (await answersAt(usual)) return victoriaLogs(usual)
  throw new MartFault(`There are no logs in ${folder}, and no VictoriaLogs answers at ${usual} (LOGS_URL).`)
}

/** Prints what is written from now on, below its cause as far as that is known. */
async function goOn(watched: AsyncIterable<LogLine[]>, ids: Set<string>, story: Story | null): Promise<void> {
  const depths = new Map<string, number>()
  const noteDepths = (steps: readonly Step[], depth: number) => {
    for (const { lines, steps: below } of steps) {
      if (lines[0]?.span_id) depths.set(lines[0].span_id, depth)
      noteDepths(below, depth + 1)
    }
  }
  const printed = new Set<string>()
  const know = (line: LogLine) => {
    for (const id of [line.order_id, line.trace_id]) if (id) ids.add(id)
    printed.add(JSON.stringify(line))
  }
  const lines = story?.lines ?? []
  noteDepths(stepsOf(lines), 0)
  for (const line of lines) know(line)
  let first = lines.length > 0 ? Math.min(...lines.map(beganAt)) : undefined
  for await (const fresh of watched) {
    for (const line of fresh.toSorted((one, other) => one.at.getTime() - other.at.getTime())) {
      if (printed.has(JSON.stringify(line))) continue
      know(line)
      const { span_id, parent_span_id } = line
      const depth = parent_span_id === undefined ? 0 : (depths.get(parent_span_id) ?? 0) + 1
      if (span_id) depths.set(span_id, depth)
      first ??= beganAt(line)
      console.log(lineText(line, { at: beganAt(line), first, depth }))
    }
  }
}
