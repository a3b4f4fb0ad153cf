import type { Money } from '@mart/contracts/money'
import { useFrame } from './frame.tsx'

interface SumsProps {
  readonly subtotal: Money
  readonly shipping: Money
  readonly total: Money
}

export function Sums({ subtotal, shipping, total }: SumsProps) {
  const { say, money } = useFrame()
  return (
    <dl class="sums">
      <dt>{say.goods}</dt>
      <dd>{money(subtotal)}</dd>
      <dt>{say.delivery}</dt>
      <dd>{shipping.amount === 0 ? say.freeDelivery : money(shipping)}</dd>
      <dt class="sum">{say.total}</dt>
      <dd class="sum">{money(total)}</dd>
    </dl>
  )
}
