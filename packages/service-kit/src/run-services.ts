import type { TProperties } from 'typebox'
import { runAll } from './run-all.ts'
import { type ServiceDefinition, startService } from './start-service.ts'

export interface ServiceToRun {
  readonly definition: ServiceDefinition<TProperties>
  readonly env: NodeJS.ProcessEnv
}

/** Runs a service as a process of its own; see `runAll`. */
export const runService = <Own extends TProperties>(definition: ServiceDefinition<Own>): Promise<void> =>
  runServices([{ definition: definition as unknown as ServiceDefinition<TProperties>, env: process.env }])

/** Runs services in this process, each with its own settings, database, port and pool; see `runAll`. */
export const runServices = (services: readonly ServiceToRun[]): Promise<void> =>
  runAll(services.map(({ definition, env }) => ({ name: definition.name, start: () => startService(definition, env) })))
