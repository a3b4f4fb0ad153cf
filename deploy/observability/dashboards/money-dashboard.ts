import { type Dashboard, orNought } from './dashboard.ts'

export const moneyDashboard: Dashboard = {
  name: 'money',
  title: 'Money',
  rows: [
    {
      title: 'What comes and goes, per hour, in main units where a currency has a hundred parts',
      panels: [
        {
          title: 'Money that has come',
          description: 'Pays orders: from providers, and from couriers once they handed it in.',
          unit: 'number',
          lines: {
            '{{currency}} {{method}}': orNought(
              'sum by (currency, method) (rate(revenue_minor_units_total[$window])) * 36',
              'currency',
            ),
          },
        },
        {
          title: 'Money that went back',
          description: 'Refunded, by currency and method.',
          unit: 'number',
          lines: {
            '{{currency}} {{method}}': orNought(
              'sum by (currency, method) (rate(refunded_minor_units_total[$window])) * 36',
              'currency',
            ),
          },
        },
        {
          title: 'Worth of the orders that were confirmed',
          description: 'By currency and way to pay; cash on delivery comes later than its order.',
          unit: 'number',
          lines: {
            '{{currency}} {{payment_method}}': orNought(
              'sum by (currency, payment_method) (rate(orders_confirmed_minor_units_total[$window])) * 36',
              'currency',
            ),
          },
        },
        {
          title: 'Payments that were refused',
          description: 'By provider and reason; one reason that grows is theirs or ours, many are buyers.',
          unit: 'perMinute',
          lines: {
            '{{method}} {{reason}}': orNought(
              'sum by (method, reason) (rate(payments_refused_total[$window])) * 60 > 0',
              'method',
            ),
          },
        },
      ],
    },
    {
      title: 'Providers',
      panels: [
        {
          title: 'Calls to providers',
          description: 'What was asked and what came of it.',
          unit: 'perMinute',
          lines: {
            '{{method}} {{kind}}: {{outcome}}': orNought(
              'sum by (method, kind, outcome) (rate(provider_calls_total[$window])) * 60 > 0',
              'method',
            ),
          },
        },
        {
          title: 'Webhooks that were refused',
          description: 'Signed by no provider of this shop: a wrong secret, or a stranger.',
          unit: 'perMinute',
          lines: {
            '{{provider}}': orNought('sum by (provider) (rate(webhooks_refused_total[$window])) * 60 > 0', 'provider'),
          },
        },
      ],
    },
    {
      title: 'What waits for a person',
      panels: [
        {
          title: 'Refund tasks',
          description: 'Money that we owe and that no provider sends back.',
          unit: 'number',
          lines: { open: 'max(refund_tasks_open)' },
        },
        {
          title: 'The oldest refund task',
          description: 'A day is long for who waits for money.',
          unit: 'seconds',
          lines: { age: 'max(refund_tasks_oldest_seconds)' },
        },
        {
          title: 'The oldest return that waits for us',
          description: 'Requested: to be approved or refused. Received: for its money to go back.',
          unit: 'seconds',
          lines: { '{{status}}': 'max by (status) (returns_waiting_oldest_seconds)' },
        },
        {
          title: 'What the last reconciliation found',
          description: "Where a provider's record and ours do not agree, by kind.",
          unit: 'number',
          lines: { '{{kind}}': orNought('max by (kind) (reconciliation_findings_open)', 'kind') },
        },
        {
          title: 'Since the last reconciliation',
          description: 'It runs once an hour.',
          unit: 'seconds',
          lines: { age: 'max(reconciliation_age_seconds)' },
        },
      ],
    },
  ],
}
