import { type Dashboard, orNought, quantile } from './dashboard.ts'

const ofService = '{service=~"$service"}'
const asked = '{service=~"$service",route!~"/health.*|/metrics|none"}'

const oneService: Dashboard = {
  name: 'service',
  title: 'One service',
  isPerService: true,
  rows: [
    {
      title: 'What it answers',
      panels: [
        {
          title: 'Requests by route',
          description: 'Without those that ask for health and metrics.',
          unit: 'perSecond',
          lines: {
            '{{method}} {{route}}': `sum by (method, route) (rate(http_request_duration_seconds_count${asked}[$window]))`,
          },
        },
        {
          title: 'How long 99 of 100 take, by route',
          description: 'One slow route: its query. All: the process or its database.',
          unit: 'seconds',
          lines: { '{{method}} {{route}}': quantile(0.99, 'http_request_duration_seconds', 'method, route', asked) },
        },
        {
          title: 'Answers by status',
          description: '4xx are the caller, 5xx are us.',
          unit: 'perSecond',
          lines: { '{{status}}': `sum by (status) (rate(http_request_duration_seconds_count${asked}[$window]))` },
        },
        {
          title: 'Requests that fail by our fault, by route',
          description: 'Answers of 500 and above. At the gateway: the service behind that route.',
          unit: 'perSecond',
          lines: {
            '{{method}} {{route}}': orNought(
              `sum by (method, route) (rate(http_request_failures_total${asked}[$window])) > 0`,
              'route',
            ),
          },
        },
      ],
    },
    {
      title: 'Its process, of each replica (with npm start all services share one)',
      panels: [
        {
          title: 'CPU',
          description: 'Cores in use. A process of Node.js is full at little more than 1.',
          unit: 'number',
          lines: { '{{instance}}': `rate(process_cpu_seconds_total${ofService}[$window])` },
        },
        {
          title: 'Memory',
          description: 'Resident; containers end at their limit.',
          unit: 'bytes',
          lines: { '{{instance}}': `process_resident_memory_bytes${ofService}` },
        },
        {
          title: 'Event-loop delay, 99 of 100',
          description: 'Above 0.2 s it wants another replica.',
          unit: 'seconds',
          lines: { '{{instance}}': `nodejs_eventloop_lag_p99_seconds${ofService}` },
        },
        {
          title: 'Spans',
          description: 'Sent to a collector; not taken or dropped: it is away or slow. None where none is named.',
          unit: 'perSecond',
          lines: { '{{outcome}}': `sum by (outcome) (rate(trace_spans_total${ofService}[$window]))` },
        },
        {
          title: 'Database connections',
          description: 'Busy ones near what the pool may open: requests wait for one.',
          unit: 'number',
          lines: {
            open: `max by (service) (database_connections${ofService})`,
            busy: `max by (service) (database_connections_busy${ofService})`,
            'may be open': `sum by (service) (database_pool_connections${ofService})`,
          },
        },
      ],
    },
  ],
}

const eventLog: Dashboard = {
  name: 'event-log',
  title: 'Event log',
  rows: [
    {
      title: 'Flow',
      panels: [
        {
          title: 'Events consumed',
          description: 'By who consumes, committed; which events: One order.',
          unit: 'perSecond',
          lines: {
            '{{service}}': 'sum by (service) (rate(event_delay_seconds_count[$window]))',
          },
        },
        {
          title: 'From published to consumed, 99 of 100',
          description: 'Outbox, relay, log and consumer together.',
          unit: 'seconds',
          lines: { '{{service}}': quantile(0.99, 'event_delay_seconds', 'service') },
        },
      ],
    },
    {
      title: 'What waits',
      panels: [
        {
          title: 'Consumer lag',
          description:
            'Events that a service has not consumed yet. Growing: too slow, or its database does not answer.',
          unit: 'number',
          lines: { '{{service}} of {{topic}}': 'max by (service, topic) (consumer_lag_messages)' },
        },
        {
          title: 'Outbox',
          description: 'Committed here and not in the log yet.',
          unit: 'number',
          lines: { '{{service}}': 'max by (service) (outbox_messages)' },
        },
        {
          title: 'The oldest event of the outbox',
          description: 'Above 30 s the log is away or refuses; orders are taken and nothing moves.',
          unit: 'seconds',
          lines: { '{{service}}': 'max by (service) (outbox_oldest_seconds)' },
        },
        {
          title: 'Messages put aside',
          description: 'Later events of the same key wait behind them.',
          unit: 'number',
          lines: { '{{service}}': 'max by (service) (parked_messages)' },
        },
        {
          title: 'The log does not answer',
          description: '1 while it does not answer a service, or does not take its outbox.',
          unit: 'number',
          lines: { '{{service}}': 'max by (service) (event_log_failing)' },
        },
      ],
    },
  ],
}

export const machineryDashboards: readonly Dashboard[] = [oneService, eventLog]
