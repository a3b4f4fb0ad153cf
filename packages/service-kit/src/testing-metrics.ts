import type { Database } from './postgres.ts'

/** What a service's `/metrics` says of a name: the sum of all lines that have these labels; NaN when there is none. */
export async function readMetric(
  { http }: { http: (method: string, path: string) => Promise<{ body: string }> },
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { body } = await http('GET', '/metrics')
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const values = body
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((one) => line.includes(one)))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))))
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value)
}

/** The next transaction that writes into `table` fails as it commits, as if another one stood in its way; those after it don't. */
export async function failNextWrite(db: Database, table: string): Promise<{ hasFailed: () => Promise<boolean> }> {
  const name = `fail_next_${table}`
  await db.unsafe(`
    create sequence ${name};
    create function ${name}() returns trigger language plpgsql as $$ begin
      if nextval('${name}') = 1 then raise exception 'made to fail' using errcode = '40001'; end if;
      return null;
    end $$;
    create constraint trigger ${name} after insert or update on ${table} deferrable initially deferred
      for each row execute function ${name}()`)
  return {
    /** A sequence is not rolled back: once it stands at 2 or more, there was a failure and a write after it. */
    async hasFailed() {
      const [row] = await db.unsafe<{ last_value: number }[]>(`select last_value from ${name}`)
      return (row?.last_value ?? 0) >= 2
    },
  }
}
