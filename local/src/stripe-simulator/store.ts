import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { nowS } from './ids.ts'
import type { Charge, Delivery, Event, KeptAnswer, PaymentIntent, Plan, Refund, SessionRow } from './objects.ts'

export type Table<Row extends { id: string }> = {
  get(id: string): Row | undefined
  put(row: Row): void
  remove(id: string): void
  all(): Row[]
  newestFirst(): Row[]
}

export type Store = {
  sessions: Table<SessionRow>
  paymentIntents: Table<PaymentIntent>
  charges: Table<Charge>
  refunds: Table<Refund>
  events: Table<Event>
  deliveries: Table<Delivery>
  plans: Table<Plan>
  answers: Table<KeptAnswer>
  close(): Promise<void>
}

type TableName = Exclude<keyof Store, 'close'>
type Change = [table: TableName, id: string, row: { id: string } | null]

const DAY_S = 86_400
const WRITE_AFTER_MS = 100

/**
 * Everything that the simulator knows, in memory. With a state file each change is also written there, at most
 * 100 ms later: one line holds all that changed together and a line cut off by a crash is ignored, so what is read
 * back is always a state that was. Without one, a restart forgets everything.
 */
export async function openStore(stateFile: string | undefined, onError: (error: unknown) => void): Promise<Store> {
  const changed = new Map<string, [TableName, string]>()
  let timer: NodeJS.Timeout | undefined
  let written = Promise.resolve()
  let tidied = false

  const tables = newTables((name, id) => {
    if (!stateFile) return
    changed.set(`${name} ${id}`, [name, id])
    timer ??= setTimeout(write, WRITE_AFTER_MS)
  })
  if (stateFile && existsSync(stateFile)) load(tables, await readFile(stateFile, 'utf8'))
  forgetChanges()

  function forgetChanges(): void {
    clearTimeout(timer)
    timer = undefined
    changed.clear()
  }

  function write(): Promise<void> {
    if (!stateFile || changed.size === 0) return written
    const line = toLine([...changed.values()].map(([name, id]): Change => [name, id, tables[name].get(id) ?? null]))
    forgetChanges()
    const save = async () => {
      if (tidied) return appendFile(stateFile, line)
      // Not at start: a second simulator on the same file must first have found the port taken.
      await rewrite(tables, stateFile)
      tidied = true
    }
    written = written.then(save).catch(onError)
    return written
  }

  return { ...tables, close: write }
}

function newTables(touched: (name: TableName, id: string) => void): Omit<Store, 'close'> {
  function table<Row extends { id: string }>(name: TableName): Table<Row> {
    const rows = new Map<string, Row>()
    return {
      get: (id) => rows.get(id),
      put(row) {
        rows.set(row.id, row)
        touched(name, row.id)
      },
      remove(id) {
        rows.delete(id)
        touched(name, id)
      },
      all: () => [...rows.values()],
      newestFirst: () => [...rows.values()].reverse(),
    }
  }
  return {
    sessions: table('sessions'),
    paymentIntents: table('paymentIntents'),
    charges: table('charges'),
    refunds: table('refunds'),
    events: table('events'),
    deliveries: table('deliveries'),
    plans: table('plans'),
    answers: table('answers'),
  }
}

function load(tables: Omit<Store, 'close'>, text: string): void {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  for (const line of complete.filter(Boolean)) {
    for (const [name, id, row] of JSON.parse(line) as Change[]) {
      if (row) (tables[name] as Table<{ id: string }>).put(row)
      else tables[name].remove(id)
    }
  }
  forgetTheOld(tables)
}

/** Stripe keeps idempotency keys for a day and events for thirty. */
function forgetTheOld(tables: Omit<Store, 'close'>): void {
  for (const answer of tables.answers.all()) if (answer.atS < nowS() - DAY_S) tables.answers.remove(answer.id)
  for (const event of tables.events.all()) {
    if (event.created >= nowS() - 30 * DAY_S) continue
    tables.events.remove(event.id)
    tables.deliveries.remove(event.id)
  }
}

async function rewrite(tables: Omit<Store, 'close'>, stateFile: string): Promise<void> {
  const names = Object.keys(tables) as TableName[]
  const rows = names.flatMap((name) => tables[name].all().map((row): Change => [name, row.id, row]))
  await mkdir(dirname(stateFile), { recursive: true })
  await writeFile(`${stateFile}.new`, rows.map((row) => toLine([row])).join(''), { mode: 0o600 })
  await rename(`${stateFile}.new`, stateFile)
}

function toLine(changes: Change[]): string {
  return `${JSON.stringify(changes)}\n`
}
