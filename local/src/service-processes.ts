import { join } from 'node:path'
import { type ServiceName, serviceNames } from '@mart/contracts/services'
import { environmentTogether, type Surroundings, serviceEnvironment } from './service-environment.ts'
import type { Up } from './steps.ts'
import { type SupervisedProcess, supervise } from './supervisor.ts'

const root = join(import.meta.dirname, '../..')

/** Starts the services, in one process or a process each, and resolves when all can be used. */
export function bringUpServices(up: Up, around: Surroundings): Promise<Record<ServiceName, SupervisedProcess>> {
  return around.settings.processes === 'one' ? bringUpTogether(up, around) : bringUpEach(up, around)
}

const logFileOf = ({ settings }: Surroundings, name: string) => join(settings.dataDir, `logs/${name}.log`)
const readyUrlOf = ({ addresses }: Surroundings, name: ServiceName) => `${addresses[name]}/health/ready`

async function bringUpEach(up: Up, around: Surroundings): Promise<Record<ServiceName, SupervisedProcess>> {
  const services = {} as Record<ServiceName, SupervisedProcess>
  const bringUpService = (name: ServiceName) =>
    up.step(name, async () => {
      const service = supervise({
        name,
        script: join(root, `services/${name}/src/main.ts`),
        environment: serviceEnvironment(name, around),
        readyUrls: [readyUrlOf(around, name)],
        logFile: logFileOf(around, name),
        report: up.say,
      })
      up.add({ stage: 'services', name, stop: service.stop })
      services[name] = service
      await service.ready
    })
  await Promise.all(serviceNames.map(bringUpService))
  return services
}

async function bringUpTogether(up: Up, around: Surroundings): Promise<Record<ServiceName, SupervisedProcess>> {
  const together = await up.step(
    'services',
    async () => {
      const process = supervise({
        name: 'the mart',
        script: join(import.meta.dirname, 'all-services.ts'),
        environment: environmentTogether(around),
        readyUrls: serviceNames.map((name) => readyUrlOf(around, name)),
        logFile: logFileOf(around, 'mart'),
        logFiles: Object.fromEntries(serviceNames.map((name) => [name, logFileOf(around, name)])),
        report: up.say,
      })
      up.add({ stage: 'services', name: 'services', stop: process.stop })
      await process.ready
      return process
    },
    () => serviceNames.join(', '),
  )
  return Object.fromEntries(serviceNames.map((name) => [name, together])) as Record<ServiceName, SupervisedProcess>
}
