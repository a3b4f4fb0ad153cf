import type { Messages } from '../ui/messages.ts'

/** What somebody typed into a form, and what is wrong with it, by the names of its fields. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>
  readonly faults: Readonly<Record<string, FieldFault>>
  /** What is wrong with the whole. */
  readonly problem: FormProblem | null
}

export type FieldFault = keyof Messages['fieldFaults']
export type FormProblem = keyof Messages['formProblems']
