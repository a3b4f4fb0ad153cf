import type { OrderedAlreadyProps } from '../pages.ts'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'

/** In the place of a checkout whose cart was ordered before, with other details: in another window, or before one went back. */
export function OrderedAlreadyPage({ id, number }: OrderedAlreadyProps) {
  const { frame, say } = useFrame()
  return (
    <Page title={say.orderedAlreadyTitle}>
      <section class="empty" id="checkout" data-part>
        <h1>{say.orderedAlreadyTitle}</h1>
        <p role="alert">{say.orderedAlreadyHelp(number)}</p>
        <a class="button" href={`/orders/${id}`}>
          {say.toOrder(number)}
        </a>
        {frame.cart.count > 0 && (
          <p>
            <a href="/cart">{say.cartTitle}</a>
          </p>
        )}
      </section>
    </Page>
  )
}
