import {
  Check,
  ChevronRight,
  CircleAlert,
  CircleUserRound,
  type IconNode,
  Minus,
  Plus,
  Search,
  ShoppingBasket,
  SlidersHorizontal,
  Trash2,
  X,
} from 'lucide'
import { h } from 'preact'

const icons = {
  account: CircleUserRound,
  alert: CircleAlert,
  cart: ShoppingBasket,
  check: Check,
  close: X,
  filter: SlidersHorizontal,
  minus: Minus,
  next: ChevronRight,
  plus: Plus,
  remove: Trash2,
  search: Search,
} satisfies Record<string, IconNode>

/** Always beside a word, or inside something with a label. */
export function Icon({ name }: { name: keyof typeof icons }) {
  return (
    <svg
      class="icon"
      width="20"
      height="20"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {icons[name].map(([tag, attributes]) => h(tag, attributes as Record<string, string>))}
    </svg>
  )
}
