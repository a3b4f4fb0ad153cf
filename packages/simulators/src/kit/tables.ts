import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Table<Row extends { id: string }> = {
  get(id: string): Row | undefined
  put(row: Row): void
  remove(id: string): void
  all(): Row[]
  newestFirst(): Row[]
}

type Rows = Record<string, { id: string }>
export type Tables<R extends Rows> = { [Name in keyof R]: Table<R[Name]> }
export type Store<R extends Rows> = Tables<R> & { close(): Promise<void> }

type Change = [table: string, id: string, row: { id: string } | null]

const WRITE_AFTER_MS = 100

export type StoreOptions = {
  /** Not given: a restart forgets everything. */
  stateFile: string | undefined
  onError: (error: unknown) => void
}

/**
 * Everything that a simulator knows, in memory. With a state file each change is also written there, at most 100 ms
 * later: one line holds all that changed together and a line cut off by a crash is ignored, so what is read back is
 * always a state that was. `forget` may remove what is too old to be read back.
 */
export async function openStore<R extends Rows>(
  names: readonly (keyof R & string)[],
  { stateFile, onError }: StoreOptions,
  forget: (tables: Tables<R>) => void = () => undefined,
): Promise<Store<R>> {
  const changed = new Map<string, [name: string, id: string]>()
  let timer: NodeJS.Timeout | undefined
  let written = Promise.resolve()
  let tidied = false

  const touched = (name: string, id: string) => {
    if (!stateFile) return
    changed.set(`${name} ${id}`, [name, id])
    timer ??= setTimeout(write, WRITE_AFTER_MS)
  }
  const tables = Object.fromEntries(names.map((name) => [name, newTable((id) => touched(name, id))])) as Tables<Rows>
  if (stateFile && existsSync(stateFile)) {
    load(tables, await readFile(stateFile, 'utf8'))
    forget(tables as Tables<R>)
  }
  forgetChanges()

  function forgetChanges(): void {
    clearTimeout(timer)
    timer = undefined
    changed.clear()
  }

  function write(): Promise<void> {
    if (!stateFile || changed.size === 0) return written
    const line = toLine([...changed.values()].map(([name, id]) => [name, id, tables[name]?.get(id) ?? null]))
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

  return { ...(tables as Tables<R>), close: write }
}

function newTable<Row extends { id: string }>(touched: (id: string) => void): Table<Row> {
  const rows = new Map<string, Row>()
  return {
    get: (id) => rows.get(id),
    put(row) {
      rows.set(row.id, row)
      touched(row.id)
    },
    remove(id) {
      rows.delete(id)
      touched(id)
    },
    all: () => [...rows.values()],
    newestFirst: () => [...rows.values()].reverse(),
  }
}

function load(tables: Tables<Rows>, text: string): void {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  for (const line of complete.filter(Boolean)) {
    for (const [name, id, row] of JSON.parse(line) as Change[]) {
      if (row) tables[name]?.put(row)
      else tables[name]?.remove(id)
    }
  }
}

async function rewrite(tables: Tables<Rows>, stateFile: string): Promise<void> {
  const rows = Object.entries(tables).flatMap(([name, table]) => table.all().map((row): Change => [name, row.id, row]))
  await mkdir(dirname(stateFile), { recursive: true })
  await writeFile(`${stateFile}.new`, rows.map((row) => toLine([row])).join(''), { mode: 0o600 })
  await rename(`${stateFile}.new`, stateFile)
}

function toLine(changes: Change[]): string {
  return `${JSON.stringify(changes)}\n`
}
