/** A line of a service's log, as far as an order's story needs it. */
export interface LogLine {
  readonly at: Date
  readonly level: string
  readonly service: string
  readonly message: string
  readonly order_id?: string
  readonly order_number?: string
  readonly payment_id?: string
  readonly trace_id?: string
  readonly span_id?: string
  readonly parent_span_id?: string
  /** How long what it tells of took; it is written at the end of that. */
  readonly ms?: number
  /** How long an event waited to be consumed. */
  readonly waited_ms?: number
  readonly retry_in_ms?: number
  /** Why, as far as it says. */
  readonly why?: string
}

export interface Period {
  readonly from: Date
  readonly to?: Date
}

export interface LogSource {
  /** Of whatever is there, the lines that have one of these as the id of an order, a payment or a trace, or as an order's number. */
  readonly find: (ids: ReadonlySet<string>, within?: Period) => Promise<LogLine[]>
  /** The same as they are written from this call on, until `signal`; `ids` may grow meanwhile. */
  readonly watch: (ids: ReadonlySet<string>, signal: AbortSignal) => AsyncIterable<LogLine[]>
}

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
// VictoriaLogs keeps every field as text.
const number = (value: unknown): number | undefined =>
  value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value)

/** Reads the fields of a line; null for what is none of a service. */
export function lineOf(fields: Fields): LogLine | null {
  const at = new Date(text(fields['time']) ?? text(fields['_time']) ?? Number.NaN)
  const service = text(fields['service'])
  if (Number.isNaN(at.getTime()) || !service) return null
  const { err } = fields as { err?: { message?: unknown } }
  const whys = [fields['answer'], fields['reason'], err?.message ?? fields['err.message']].flatMap(
    (why) => text(why) ?? [],
  )
  return withoutGaps({
    at,
    service,
    level: text(fields['level']) ?? 'info',
    message: text(fields['message']) ?? text(fields['_msg']) ?? '',
    order_id: text(fields['order_id']),
    order_number: text(fields['order_number']),
    payment_id: text(fields['payment_id']),
    trace_id: text(fields['trace_id']),
    span_id: text(fields['span_id']),
    parent_span_id: text(fields['parent_span_id']),
    ms: number(fields['ms']),
    waited_ms: number(fields['waited_ms']),
    retry_in_ms: number(fields['retry_in_ms']),
    why: whys.length > 0 ? whys.join(': ') : undefined,
  })
}

/** Reads a line of JSON; null for any other. */
export function readLine(json: string): LogLine | null {
  if (!json.startsWith('{')) return null
  try {
    return lineOf(JSON.parse(json))
  } catch {
    return null // cut off by a crash
  }
}

export const isAbout = ({ order_id, order_number, payment_id, trace_id }: LogLine, ids: ReadonlySet<string>): boolean =>
  [order_id, order_number, payment_id, trace_id].some((id) => id !== undefined && ids.has(id))

const withoutGaps = (line: { [Name in keyof LogLine]: LogLine[Name] | undefined }): LogLine =>
  Object.fromEntries(Object.entries(line).filter(([, value]) => value !== undefined)) as unknown as LogLine
