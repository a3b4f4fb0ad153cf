import type { OrderedAlreadyProps } from '../pages.ts'
import { checkoutForm } from '../parts/checkout-part.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'

/** In the place of a checkout whose cart was ordered before, with other details: in another window, or before one went back. */
export function OrderedAlreadyPage({ id, number }: OrderedAlreadyProps) {
  const { frame, say } = useFrame()
  return (
    <Page title={say.orderedAlreadyTitle} sentAlong={checkoutForm}>
      <div class="empty" id="checkout" data-part>
        {/* In the place of the checkout's, which the header's choices are sent with. */}
        <form id={checkoutForm.form} method="post" />
        <h1>{say.orderedAlreadyTitle}</h1>
        <p data-key="problem" tabIndex={-1} autofocus role="alert">
          {say.orderedAlreadyHelp(number)}
        </p>
        <a class="button" href={`/orders/${id}`}>
          {say.toOrder(number)}
        </a>
        {frame.cart.count > 0 && (
          <p>
            <a href="/cart">{say.cartTitle}</a>
          </p>
        )}
      </div>
    </Page>
  )
}
