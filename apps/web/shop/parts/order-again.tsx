import type { OrderShape } from '@mart/contracts/http/order-shapes'
import { useFrame } from './frame.tsx'

export function OrderAgain({ order }: { order: Pick<OrderShape, 'id' | 'number'> }) {
  const { say } = useFrame()
  return (
    <form action={`/orders/${order.id}/again`} method="post">
      <button class="button quiet" aria-label={say.orderAgainOf(order.number)}>
        {say.orderAgain}
      </button>
    </form>
  )
}
