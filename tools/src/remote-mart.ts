import { readFileSync } from 'node:fs'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import type { Addresses, MartVisited } from '@mart/demo/visited-mart'
import { portsAt } from '@mart/local/ports'
import { readSettings } from '@mart/local/settings'
import { readKafkaSettings } from '@mart/service-kit/config'
import { MartFault } from '@mart/service-kit/fault'
import type { MartBooked } from './books/check-books.ts'

const addressSetting = (name: string) => `${name.toUpperCase()}_ADDRESS`
const databaseSetting = (name: string) => `${name.toUpperCase()}_DATABASE_URL`

/** A setting, or what is in the file that `<NAME>_FILE` names. An empty value is none. */
export function readSetting(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = env[`${name}_FILE`]
  return env[name] || (file && readFileSync(file, 'utf8').trim()) || undefined
}

/** Whether the environment says where a mart elsewhere is. */
export const knowsRemoteMart = (env: NodeJS.ProcessEnv): boolean =>
  serviceNames.some((name) => env[addressSetting(name)])

/** Whether the environment says where the databases of a mart elsewhere are. */
export const knowsRemoteBooks = (env: NodeJS.ProcessEnv): boolean =>
  serviceNames.some((name) => env[databaseSetting(name)] || env[`${databaseSetting(name)}_FILE`])

/**
 * The mart at `url`, on the ports that everybody knows, or, without it, where USER_ADDRESS and so on say. Throws
 * MartFault that lists every setting that is missing.
 */
export function readRemoteMart(env: NodeJS.ProcessEnv, url?: string): MartVisited {
  const addresses = url ? atHost(env, url) : undefined
  const mail = !env['SMTP_URL'] && env['MAIL_ADDRESS']
  const wanted = addresses ? [] : serviceNames.map(addressSetting)
  const given = readAll(env, [...wanted, 'MART_ADMIN_PASSWORD'])
  const simulators = env['SIMULATORS_ADDRESS']
  return {
    addresses: addresses ?? {
      ...(Object.fromEntries(serviceNames.map((name) => [name, given[addressSetting(name)]!])) as Addresses),
      ...(mail && { mail }),
      ...(simulators && { simulators }),
    },
    adminEmail: env['MART_ADMIN_EMAIL'] || 'admin@mart.local',
    adminPassword: given['MART_ADMIN_PASSWORD']!,
  }
}

/** The databases and the event log by USER_DATABASE_URL and so on, EVENT_LOG_URL. Throws MartFault that lists what is missing. */
export function readRemoteBooks(env: NodeJS.ProcessEnv): MartBooked {
  const given = readAll(env, [...serviceNames.map(databaseSetting), 'EVENT_LOG_URL'])
  return {
    databaseUrls: Object.fromEntries(serviceNames.map((name) => [name, given[databaseSetting(name)]!])) as Record<
      ServiceName,
      string
    >,
    eventLogUrl: given['EVENT_LOG_URL']!,
    kafkaSettings: readKafkaSettings(env),
  }
}

function readAll(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const given = names.map((name) => [name, readSetting(env, name)] as const)
  const missing = given.flatMap(([name, value]) => (value ? [] : name))
  if (missing.length > 0) throw new MartFault(`Not set: ${missing.join(', ')}`)
  return Object.fromEntries(given) as Record<string, string>
}

function atHost(env: NodeJS.ProcessEnv, url: string): Addresses {
  if (!/^https?:\/\/[^/\s]+\/?$/.test(url)) throw new MartFault(`--url must be like http://127.0.0.1, not ${url}`)
  const ports = portsAt(readSettings(env).portOffset)
  const at = (name: keyof typeof ports) => `${url.replace(/\/$/, '')}:${ports[name]}`
  return {
    ...(Object.fromEntries(serviceNames.map((name) => [name, at(name)])) as Addresses),
    ...(!env['SMTP_URL'] && { mail: at('mail') }),
    simulators: at('simulators'),
  }
}
