import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { OrderProps } from '../pages.ts'
import { useFrame } from './frame.tsx'

const EVERY_S = 3
/** Who has not paid there wants to choose another way in peace. */
const MOST_LOOKS = 10

const comesSoon = ({ status, payment }: OrderShape) =>
  status === 'placed' || status === 'cancelling' || (status === 'awaiting_payment' && payment.status === 'pending')

/**
 * Without JavaScript the page looks again by itself while the next thing comes within seconds: so does the news of a payment,
 * for a while after its provider has sent the buyer back.
 */
export function ComesSoon({ order, looks }: Pick<OrderProps, 'order' | 'looks'>) {
  const { say } = useFrame()
  const path = `/orders/${order.id}`
  if (order.status !== 'awaiting_payment' || looks === null)
    return comesSoon(order) ? (
      <noscript>
        <meta http-equiv="refresh" content={String(EVERY_S)} />
      </noscript>
    ) : null
  if (looks < MOST_LOOKS)
    return (
      <noscript>
        <meta http-equiv="refresh" content={`${EVERY_S};url=${path}?returned=${looks + 1}`} />
        <p class="notice">{say.paidComesSoon}</p>
      </noscript>
    )
  return (
    <noscript>
      <p class="notice warning">
        {say.paidNotHeard} <a href={`${path}?returned`}>{say.lookAgain}</a>
      </p>
    </noscript>
  )
}
