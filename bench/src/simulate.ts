// `npm run simulate`: plays the mart's queues with the costs that were measured on a real one (docs/scaling.md).
import { MartFault } from '@mart/service-kit/fault'
import { measure } from './measuring/measure.ts'
import { help, readArguments } from './simulation/arguments.ts'
import { check } from './simulation/check.ts'
import { readMeasured } from './simulation/costs.ts'
import { playMart } from './simulation/mart.ts'
import { reportOf } from './simulation/report.ts'
import type { Scenario } from './simulation/world.ts'

const say = (line: string) => console.log(`… ${line}`)

try {
  const { mode, scenario } = readArguments(process.argv.slice(2))
  if (mode === 'help') console.log(help)
  else if (mode === 'measure') await measure(scenario.engine, say)
  else await playOrCheck(mode, scenario)
} catch (error) {
  console.error(error instanceof MartFault ? error.message : error)
  process.exitCode = 1
}

async function playOrCheck(mode: 'play' | 'check', scenario: Scenario): Promise<void> {
  const all = readMeasured()
  const measured = all[scenario.engine] ?? all.embedded
  if (!measured) throw new MartFault('Nothing is measured yet: npm run simulate -- --measure')
  if (measured !== all[scenario.engine])
    say(
      `${scenario.engine} was not measured (--measure --engine ${scenario.engine}): the costs are those of the embedded log`,
    )
  const lines =
    mode === 'check'
      ? await check(scenario, measured.costs, say)
      : reportOf(playMart(scenario, measured.costs), measured)
  for (const line of lines) console.log(line)
}
