import { runAll } from '@mart/service-kit/run-all'
import { startGateway } from './gateway.ts'

if (import.meta.main) await runAll([{ name: 'gateway', start: () => startGateway() }])
