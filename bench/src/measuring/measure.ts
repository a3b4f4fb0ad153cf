import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import type { RunningMart } from '@mart/local/mart-file'
import { superuserUrlOf, withBenchMart } from '../bench-mart.ts'
import type { Engine } from '../order-bench.ts'
import { type Kept, type Load, type Measured, measuredFile, readMeasured } from '../simulation/costs.ts'
import { fitCosts, type LoadSpent } from './fit.ts'
import { startKeeping } from './kept.ts'
import { measurePhases } from './phases.ts'

/** Measures a real mart and writes what it found into bench/measured.json. */
export async function measure(engine: Engine, say: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mart-measure-'))
  try {
    await withBenchMart(folder, { engine, processes: 'each', say }, async (mart) => {
      const found = await measured(mart, { engine, superuserUrl: superuserUrlOf(mart, folder), say })
      writeFileSync(measuredFile, `${JSON.stringify({ ...readMeasured(), [engine]: rounded(found) }, null, 2)}\n`)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Measuring {
  readonly engine: Engine
  readonly superuserUrl: string
  readonly say: (line: string) => void
}

async function measured(mart: RunningMart, measuring: Measuring): Promise<Measured> {
  let kept: Kept | undefined
  const loadAverage = loadavg()
    .map((one) => one.toFixed(2))
    .join(' ')
  const phases = await measurePhases(mart, {
    ...measuring,
    async aroundLoads(loads) {
      const keptOf = await startKeeping(mart, measuring.superuserUrl)
      const spent = await loads()
      kept = await keptOf(spent.reduce((sum, { orders }) => sum + orders, 0))
      return spent
    },
  })
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB`,
    loadAverage,
    costs: fitCosts(phases),
    kept: kept!,
    loads: phases.loads.map(loadOf),
  }
}

function loadOf(spent: LoadSpent): Load {
  const perOrder = (all: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(all).map(([name, sum]) => [name, sum / spent.orders]))
  return {
    ordersPerSecond: spent.ordersPerSecond,
    othersCores: spent.othersCores,
    lagOfPartition: spent.lagOfPartition,
    cpuMs: perOrder(spent.cpuMs),
    transactions: perOrder(spent.transactions),
  }
}

/** To four significant digits: more was not measured. */
const rounded = (found: Measured): unknown =>
  JSON.parse(JSON.stringify(found, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value)))
