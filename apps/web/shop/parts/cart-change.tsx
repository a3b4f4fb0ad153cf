import type { CartChange, CartShape } from '@mart/contracts/http/cart-shapes'
import { useFrame } from './frame.tsx'

type Line = CartShape['lines'][number]

export const isPriceChange = ({ code }: CartChange) => code === 'price_rose' || code === 'price_fell'

/** Another price than was seen, or what stands in the way of ordering a line. */
export function CartChangeText({ line, change: { code, was, left } }: { line: Line; change: CartChange }) {
  const { say, money, count } = useFrame()
  const by = was && line.unit_price && { ...was, amount: Math.abs(line.unit_price.amount - was.amount) }
  const words = say.cartChanges
  if (code === 'price_rose' || code === 'price_fell') return <>{words[code](by ? money(by) : '')}</>
  if (code === 'only_left') return <>{words.only_left(count(left ?? 0))}</>
  if (code === 'too_many') return <>{words.too_many(count(line.max_quantity))}</>
  return <>{words[code]}</>
}
