import type { ComponentChildren } from 'preact'
import type { FormState } from '../pages.ts'
import type { SentAlong } from './header.tsx'

/** A choice in the header takes along what is typed. */
export const checkoutForm: SentAlong = { form: 'checkout-form', to: '/checkout/preferences' }

interface CheckoutPartProps {
  readonly form: FormState
  /** Of its fields. */
  readonly names: readonly string[]
  readonly title: string
  /** What was filled in, in one line; empty while something is missing. */
  readonly summary: string
  readonly children: ComponentChildren
}

/** One of the parts that a checkout has: closed to a line of what it holds once that is all there and nothing is wrong with it. */
export function CheckoutPart({ form, names, title, summary, children }: CheckoutPartProps) {
  const isOpen = summary === '' || names.some((name) => form.faults[name])
  return (
    <details class="panel part" open={isOpen}>
      <summary>
        <h2>{title}</h2>
        <span class="filled soft">
          <bdi>{summary}</bdi>
        </span>
      </summary>
      {children}
    </details>
  )
}
