import type { OrderShape } from '@mart/contracts/http/order-shapes'
import { useFrame } from './frame.tsx'

type Goods = OrderShape['missing'][number]

/** Whether it became none, since something of it was sold out when it was placed. */
export const wasSoldOut = ({ status, missing }: OrderShape) => status === 'cancelled' && missing.length > 0

/** What the order asked for in vain, by name. */
export function Missing({ goods }: { readonly goods: Goods }) {
  const { named, inLanguage } = useFrame()
  const { name, name_language } = named(goods)
  return <bdi {...inLanguage(name_language)}>{name}</bdi>
}

/** Instead of "Cancelled": why, and how to have the rest. */
export function SoldOut({ order }: { readonly order: OrderShape }) {
  const { say } = useFrame()
  const { id, lines, missing } = order
  return (
    <>
      <p class="status">
        {say.soldOutMeanwhile}{' '}
        {missing.map((goods, n) => (
          <span key={goods.sku}>
            {n > 0 && say.comma}
            <Missing goods={goods} />
          </span>
        ))}
      </p>
      <p>{say.soldOutHelp}</p>
      {lines.length > missing.length && (
        <form class="actions" action={`/orders/${id}/again`} method="post">
          <button class="button" name="rest" value="yes">
            {say.restIntoCart}
          </button>
        </form>
      )}
    </>
  )
}
