import { backendPrograms, vmalertTool } from '@mart/local/observability/backends'
import { programAt } from '@mart/local/observability/programs'
import { MartFault } from '@mart/service-kit/fault'

/** Builds what --observe needs and what tries its rules, unless it is there; else tells why it can't be had. Not inside a test: it takes minutes. */
export async function buildBackends(): Promise<string | undefined> {
  try {
    for (const program of [...backendPrograms, vmalertTool]) await programAt(program, console.log)
    return undefined
  } catch (error) {
    if (error instanceof MartFault) return error.message
    throw error
  }
}
