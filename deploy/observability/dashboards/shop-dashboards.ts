import { type Dashboard, orNought, quantile } from './dashboard.ts'

/** What moves an order on, not what is told about it. */
const onTheWay =
  '{service!="notification",event_type=~"order.(placed|payment_due|confirmed)|stock.(reserved|refused)|payment.(succeeded|cash_agreed)"}'
const asked = 'route!~"/health.*|/metrics|none"'
const perMinute = (query: string, label?: string) => orNought(`${query} * 60 > 0`, label)

const atAGlance: Dashboard = {
  name: 'at-a-glance',
  title: 'The mart at a glance',
  rows: [
    {
      title: 'Orders and money',
      panels: [
        {
          title: 'Orders',
          description: 'Placed, confirmed and cancelled. Placed without confirmed: somebody waits, look at One order.',
          unit: 'perMinute',
          lines: {
            placed: perMinute('sum(rate(order_transitions_total{from="new"}[$window]))'),
            confirmed: perMinute('sum(rate(order_transitions_total{to="confirmed"}[$window]))'),
            cancelled: perMinute('sum(rate(order_transitions_total{to="cancelled"}[$window]))'),
          },
        },
        {
          title: 'From placed to our answer',
          description: 'Confirmed, asked to pay, or refused for want of stock. The objective: 99 % within 2 s.',
          unit: 'seconds',
          lines: {
            'half of them': quantile(0.5, 'order_answer_seconds'),
            '99 of 100': quantile(0.99, 'order_answer_seconds'),
          },
        },
        {
          title: 'Money that has come, per hour',
          description: 'By currency, in its main unit where that has a hundred parts.',
          unit: 'number',
          lines: {
            '{{currency}}': orNought('sum by (currency) (rate(revenue_minor_units_total[$window])) * 36', 'currency'),
          },
        },
        {
          title: 'The oldest order that waits for us',
          description: 'By its state. Confirmed ones wait for a parcel, the others for a machine.',
          unit: 'seconds',
          lines: { '{{status}}': 'max by (status) (orders_waiting_oldest_seconds)' },
        },
      ],
    },
    {
      title: 'Is anything wrong?',
      panels: [
        {
          title: 'Alerts that fire',
          description: 'Each has a page in docs/runbooks.',
          unit: 'number',
          lines: {
            '{{alertname}} {{service}}': orNought(
              'count by (alertname, service) (ALERTS{alertstate="firing"})',
              'alertname',
            ),
          },
        },
        {
          title: 'Services that answer',
          description: 'Replicas by service; 0: none.',
          unit: 'number',
          lines: { '{{service}}': 'sum by (service) (up{job="ai-mart"})' },
        },
        {
          title: 'Requests that fail by our fault',
          description: 'Answers of 500 and above, of all that were asked. The objective: less than 1 in 1,000.',
          unit: 'ratio',
          lines: {
            '{{service}}': `(sum by (service) (rate(http_request_duration_seconds_count{status=~"5..",${asked}}[$window])) or 0 * sum by (service) (rate(http_request_duration_seconds_count{${asked}}[$window]))) / sum by (service) (rate(http_request_duration_seconds_count{${asked}}[$window]))`,
          },
        },
        {
          title: 'Messages put aside',
          description: 'More than none: an order may stand still, a person has to look (GET /parked).',
          unit: 'number',
          lines: { '{{service}}': 'max by (service) (parked_messages)' },
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Requests',
          description: 'Without those that ask for health and metrics.',
          unit: 'perSecond',
          lines: { '{{service}}': `sum by (service) (rate(http_request_duration_seconds_count{${asked}}[$window]))` },
        },
        {
          title: 'How long 99 of 100 requests take',
          description: 'Streams of orders end late by design and are counted when they end.',
          unit: 'seconds',
          lines: { '{{service}}': quantile(0.99, 'http_request_duration_seconds', 'service', `{${asked}}`) },
        },
      ],
    },
  ],
}

const oneOrder: Dashboard = {
  name: 'one-order',
  title: 'One order',
  asksForOrder: true,
  rows: [
    {
      title: 'Where orders are, and how they got there',
      panels: [
        {
          title: 'Steps',
          description: 'From one state to another; "new" is before it was placed.',
          unit: 'perMinute',
          lines: {
            '{{from}} to {{to}}': perMinute('sum by (from, to) (rate(order_transitions_total[$window]))', 'from'),
          },
        },
        {
          title: 'Stock',
          description: 'Whether all of an order was there.',
          unit: 'perMinute',
          lines: { '{{outcome}}': perMinute('sum by (outcome) (rate(stock_reservations_total[$window]))', 'outcome') },
        },
        {
          title: 'From placed to our answer, by way to pay',
          description: '99 of 100 are answered within this time.',
          unit: 'seconds',
          lines: { '{{payment_method}}, {{to}}': quantile(0.99, 'order_answer_seconds', 'payment_method, to') },
        },
        {
          title: 'The oldest order that waits for us',
          description: 'Placed: for stock. awaiting_payment: its time is over. cancelling: for the provider.',
          unit: 'seconds',
          lines: { '{{status}}': 'max by (status) (orders_waiting_oldest_seconds)' },
        },
      ],
    },
    {
      title: 'Hop by hop',
      panels: [
        {
          title: 'From published to consumed, half of the events',
          description: 'The events that an order waits for, by who consumes them.',
          unit: 'seconds',
          lines: {
            '{{service}} {{event_type}}': quantile(0.5, 'event_delay_seconds', 'service, event_type', onTheWay),
          },
        },
        {
          title: 'From published to consumed, 99 of 100',
          description: 'The slowest hop is what an order waits for.',
          unit: 'seconds',
          lines: {
            '{{service}} {{event_type}}': quantile(0.99, 'event_delay_seconds', 'service, event_type', onTheWay),
          },
        },
        {
          title: 'Mails',
          description: 'Handed to the mail server, refused for good, or failed and tried again.',
          unit: 'perMinute',
          lines: {
            '{{service}} {{outcome}}': perMinute('sum by (service, outcome) (rate(mails_total[$window]))', 'outcome'),
          },
        },
        {
          title: 'The mail that is due longest',
          description: 'Above a minute: the mail server is slow or away.',
          unit: 'seconds',
          lines: { '{{service}}': 'max by (service) (mails_oldest_due_seconds)' },
        },
      ],
    },
  ],
}

export const shopDashboards: readonly Dashboard[] = [atAGlance, oneOrder]
