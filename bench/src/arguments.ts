import { parseArgs } from 'node:util'
import type { Engine } from './order-bench.ts'

/** What to measure, on which engines; anything else ends the process. No bench has fewer products than `fewest`. */
export function readArguments(fewest: number) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', multiple: true, default: ['embedded', 'kafka'] },
      processes: { type: 'string', default: 'one' },
      products: { type: 'string', multiple: true, default: ['1000', '100000'] },
    },
  })
  const parts = ['start', 'search', 'orders', 'backlog', 'relay', 'payments', 'find', 'catalogue', 'web']
  const engines = values.engine as Engine[]
  const strange = [
    ...positionals.filter((part) => !parts.includes(part)),
    ...engines.filter((engine) => engine !== 'embedded' && engine !== 'kafka'),
    ...values.products.filter((products) => !(Number(products) >= fewest)),
    ...[values.processes].filter((processes) => processes !== 'one' && processes !== 'each'),
  ]
  if (strange.length > 0) {
    console.error(
      `${strange.join(', ')}? Use: npm run bench -- [${parts.join('] [')}] [--engine embedded] [--engine kafka] [--processes each] [--products 1000000]`,
    )
    process.exit(1)
  }
  const wantedProcesses = values.processes === 'each' ? ('each' as const) : ('one' as const)
  const catalogues = values.products.map(Number).toSorted((one, other) => one - other)
  return {
    engines,
    wantedProcesses,
    catalogues,
    wanted: (part: string) => positionals.length === 0 || positionals.includes(part),
  }
}
