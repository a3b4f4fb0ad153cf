// `npm run resend`: events that a Kafka acknowledged and lost to a power cut are said again.
import { parseArgs } from 'node:util'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { MartFault } from '@mart/service-kit/fault'
import { connectDatabase } from '@mart/service-kit/postgres'
import { resendSince } from '@mart/service-kit/resend'
import { martHere } from './mart-here.ts'
import { knowsRemoteBooks, readRemoteBooks } from './remote-mart.ts'

const help = `npm run resend -- --since 10m                      all that was sent in the last 10 minutes (s, m or h; at most 2h)
npm run resend -- --since 1h --service order …     of these services only (${serviceNames.join(', ')})

Puts events back into the outboxes, under their ids: who has heard them hears nothing new.
Sent events are kept for an hour when the event log is Kafka.`

try {
  const { sinceMs, services } = readArguments(process.argv.slice(2))
  const { databaseUrls, eventLogUrl } = knowsRemoteBooks(process.env) ? readRemoteBooks(process.env) : martHere()
  if (!eventLogUrl.startsWith('kafka'))
    console.log('The event log is in PostgreSQL: what it acknowledged it has, so sent events are not kept.')
  for (const name of services) {
    const db = connectDatabase(databaseUrls[name], { max: 1, applicationName: 'resend' })
    const count = await resendSince(db, sinceMs).finally(() => db.end({ timeout: 5 }))
    console.log(`${name.padEnd(12)} ${count}`)
  }
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

function readArguments(args: string[]): { sinceMs: number; services: readonly ServiceName[] } {
  const options = { since: { type: 'string' }, service: { type: 'string', multiple: true } } as const
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { sinceMs: readSince(values.since), services: readServices([...(values.service ?? []), ...positionals]) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error
    throw new MartFault(`${message.split('. ')[0]}.\n\n${help}`)
  }
}

function readSince(text: string | undefined): number {
  const [, amount, unit] = /^([1-9]\d{0,4})([smh])$/.exec(text ?? '') ?? []
  const sinceMs = Number(amount) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h']
  if (sinceMs <= 2 * 3_600_000) return sinceMs
  const fault = text === undefined ? '--since is missing' : `--since ${text} is no time like 90s, 10m or 1h, up to 2h`
  throw new MartFault(`${fault}.\n\n${help}`)
}

function readServices(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !serviceNames.includes(name as ServiceName))
  if (unknown.length > 0) throw new MartFault(`There is no service ${unknown.join(', ')}.\n\n${help}`)
  return names.length > 0 ? [...new Set(names as readonly ServiceName[])] : serviceNames
}
