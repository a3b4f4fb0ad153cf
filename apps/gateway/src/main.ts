import { runAll } from '@mart/service-kit/run-all'
import { startGateway } from './gateway.ts'

await runAll([{ name: 'gateway', start: () => startGateway() }])
