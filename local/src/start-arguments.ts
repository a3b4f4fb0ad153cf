import { parseArgs } from 'node:util'
import { MartFault } from '@mart/service-kit/fault'

export const startHelp = `npm start                          runs the whole mart on this machine
npm start -- --kafka               the same with Apache Kafka as the event log (needs Java 17; fetched with Maven once)
npm start -- --processes each      each service in a process of its own, instead of all six in one
npm start -- --observe             the same with its logs, metrics, dashboards and alerts in one place (built with Go once)
npm start -- --help                shows this

Settings are environment variables: README.md lists them.`

export interface StartArguments {
  readonly help: boolean
  /** Settings that the arguments stand for. */
  readonly settings: Readonly<Record<string, string>>
}

/** Reads what follows `npm start --`. Throws a MartFault that names what is unknown. */
export function readStartArguments(args: readonly string[]): StartArguments {
  const options = {
    kafka: { type: 'boolean' },
    processes: { type: 'string' },
    observe: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options })
    const settings = {
      ...(values.kafka && { MART_EVENT_LOG: 'kafka' }),
      ...(values.processes !== undefined && { MART_PROCESSES: values.processes }),
      ...(values.observe && { MART_OBSERVE: 'on' }),
    }
    return { help: values.help ?? false, settings }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error
    throw new MartFault(`${message.split('. ')[0]}.\n\n${startHelp}`)
  }
}
