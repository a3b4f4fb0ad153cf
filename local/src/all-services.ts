// All services in one process. MART_SERVICES holds the environment of each.
import { runServices, type ServiceToRun } from '@mart/service-kit/run-services'

const environments = JSON.parse(process.env['MART_SERVICES'] ?? '{}') as Record<string, NodeJS.ProcessEnv>
const services = Object.entries(environments).map(async ([name, env]): Promise<ServiceToRun> => {
  const module = await import(`../../services/${name}/src/main.ts`)
  return { definition: module[name], env }
})
await runServices(await Promise.all(services))
