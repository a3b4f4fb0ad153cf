import { backendPrograms, vmalertTool } from '@mart/local/observability/backends'
import { type Program, programAt } from '@mart/local/observability/programs'
import { MartFault } from '@mart/service-kit/fault'
import { findHelm, helmProgram } from './kubernetes/cluster.ts'

/** Builds what --observe needs and what tries its rules, unless it is there; else tells why it can't be had. Not inside a test: it takes minutes. */
export const buildBackends = (): Promise<string | undefined> => build([...backendPrograms, vmalertTool])

/** The same with what renders the chart. */
export const buildHelm = async (): Promise<string | undefined> =>
  (await findHelm()) ? undefined : await build([helmProgram])

async function build(programs: readonly Program[]): Promise<string | undefined> {
  try {
    for (const program of programs) await programAt(program, console.log)
    return undefined
  } catch (error) {
    if (error instanceof MartFault) return error.message
    throw error
  }
}
