import { listText } from '../../ui/format.ts'
import type { Terms } from '../pages.ts'
import { useFrame } from './frame.tsx'

interface TermsProps {
  /** Null when they are not known at the moment. */
  readonly terms: Terms | null
}

/** What delivery costs, or, while that is not known, when it is told. */
export function DeliveryTerms({ terms }: TermsProps) {
  const { say, money } = useFrame()
  if (!terms?.charge) return <>{say.deliveryTerms}</>
  const { charge, freeFrom } = terms
  if (charge.amount === 0) return <>{say.deliveryIsFree}</>
  return <>{freeFrom ? say.deliveryFreeFrom(money(charge), money(freeFrom)) : say.deliveryCosts(money(charge))}</>
}

export function WaysToPay({ terms }: TermsProps) {
  const { frame, say } = useFrame()
  const ways = terms?.ways.flatMap((way) => say.waysToPay[way] ?? []) ?? []
  return ways.length === 0 ? null : <>{say.payBy(listText(ways, frame.language))}</>
}

export function ReturnTerms({ terms }: TermsProps) {
  const { say, count } = useFrame()
  return <>{terms && terms.returnDays > 0 ? say.returnWithin(count(terms.returnDays)) : say.returnTerms}</>
}
