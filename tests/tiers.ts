/** Test files that run together. */
export interface Tier {
  readonly name: string
  readonly globs: readonly string[]
  readonly concurrency: number
  readonly environment?: Readonly<Record<string, string>>
  /** The files that bring up a Kafka of their own, or ask for TEST_KAFKA_URL. */
  readonly startsKafka?: string
  readonly asksForKafka?: string
  /** The file that asks for STRIPE_MOCK_URL. */
  readonly asksForStripeMock?: string
  /** The files that bring up the backends of --observe. */
  readonly startsBackends?: string
  /** The files that open the shop. */
  readonly opensShop?: string
}

/** What waits more than it works (for PostgreSQL, for brokers, for pages) leaves two cores room for a third. */
const MOST_AT_ONCE = 3

/** What `npm test` runs, one tier after the other. */
export const everyDay: readonly Tier[] = [
  {
    name: 'rules and services',
    globs: [
      '{packages,services,apps}/*/test/**/*.test.ts',
      '{demo,local,tools,bench}/test/**/*.test.ts',
      'tests/*.test.ts',
      'docs/*.test.ts',
    ],
    concurrency: MOST_AT_ONCE,
    startsKafka: '{local/test/kafka-{server,login},tests/kafka-mart}.test.ts',
    asksForKafka: 'packages/service-kit/test/*kafka*.test.ts',
    asksForStripeMock: 'services/payment/test/stripe-mock.test.ts',
    startsBackends: 'tests/{observability,alert-rules,follow-victoria-logs}.test.ts',
    opensShop: '{tests/{observability,kafka-mart},local/test/mart}.test.ts',
  },
  // Each journey runs a whole mart, at ports of its own.
  {
    name: 'journeys, embedded event log',
    globs: ['tests/journeys/**/*.test.ts'],
    concurrency: MOST_AT_ONCE,
    environment: { MART_TEST_ENGINE: 'embedded' },
  },
  // In a real browser; the whole shop is started once for each file.
  {
    name: 'the shop in a browser',
    globs: ['tests/browser/**/*.test.ts'],
    concurrency: MOST_AT_ONCE,
    opensShop: '**',
  },
  {
    name: 'journeys and paying in a browser, Apache Kafka',
    globs: ['tests/journeys/**/*.test.ts', 'tests/browser/paying.test.ts'],
    concurrency: MOST_AT_ONCE,
    environment: { MART_TEST_ENGINE: 'kafka' },
    startsKafka: '**',
    opensShop: 'tests/browser/**',
  },
]

export const faults: readonly Tier[] = [
  {
    name: 'faults',
    globs: ['tests/faults/**/*.test.ts'],
    concurrency: 1,
    environment: { MART_TEST_ENGINE: 'kafka' },
    startsKafka: '**',
  },
]
