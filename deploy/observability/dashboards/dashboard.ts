/** What a number is: how Grafana shows it, and what VictoriaMetrics' own page writes behind it. */
export const units = {
  perSecond: { grafana: 'reqps', vmui: '/s' },
  perMinute: { grafana: 'opm', vmui: '/min' },
  seconds: { grafana: 's', vmui: 's' },
  bytes: { grafana: 'bytes', vmui: 'B' },
  bytesPerSecond: { grafana: 'Bps', vmui: 'B/s' },
  ratio: { grafana: 'percentunit', vmui: '' },
  number: { grafana: 'short', vmui: '' },
} as const

export interface Panel {
  readonly title: string
  /** What to read from it, and when it is bad. */
  readonly description: string
  readonly unit: keyof typeof units
  /**
   * PromQL by what a line is called, which may name labels: `{{service}}`. `[$window]` is the time that a rate looks back
   * over, `$service` the service that the dashboard is about.
   */
  readonly lines: Readonly<Record<string, string>>
}

export interface Dashboard {
  /** Of its files and its address. */
  readonly name: string
  readonly title: string
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[]
  /** One for each service: Grafana asks which. */
  readonly isPerService?: boolean
  /** It asks for an order's number and leads to its lines and traces. */
  readonly asksForOrder?: boolean
}

/** Nothing counted yet is nought, not "no data"; given labels, the line that says so bears the first of them. */
export function orNought(query: string, label?: string): string {
  const nought = label ? `label_replace(vector(0), "${label}", "none yet", "", "")` : 'vector(0)'
  return `(${query}) or on () ${nought}`
}

/** The quantile of a histogram over all that is left in `by`. */
export const quantile = (q: number, histogram: string, by = '', where = ''): string =>
  `histogram_quantile(${q}, sum by (le${by && `, ${by}`}) (rate(${histogram}_bucket${where}[$window])))`
