import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import { takeOne } from '../kit/control.ts'
import { netError } from './errors.ts'
import type { Simulator } from './simulator.ts'

export type Form = Readonly<Record<string, string>>

/** Does what was asked at once and answers when and how the control says. A number is a status without anything done. */
export async function answer(
  { control }: Simulator,
  reply: FastifyReply,
  { status = 200, body, isDone = false }: { status?: number; body: object; isDone?: boolean },
) {
  const fails = isDone && takeOne(control, 'fail_after_doing')
  if (control.answer_delay_ms > 0) await sleep(control.answer_delay_ms, undefined, { ref: false })
  return fails ? reply.code(500).send(netError) : reply.code(status).send(body)
}

/** What was posted as a form; nothing of what came in any other way. */
export const formOf = (body: unknown): Form => (body instanceof URLSearchParams ? Object.fromEntries(body) : {})
