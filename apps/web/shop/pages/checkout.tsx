import type { CheckoutProps } from '../pages.ts'
import { Field, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'
import { PlaceFields } from '../parts/place-fields.tsx'
import { Sums } from '../parts/sums.tsx'

export function CheckoutPage(props: CheckoutProps) {
  const { frame, say, money } = useFrame()
  const { cart, form, key } = props
  const lines = cart.lines.map(({ sku, quantity }) => `${quantity} ${sku}`).join('\n')
  return (
    <Page title={say.checkoutTitle}>
      <h1>{say.checkoutTitle}</h1>
      <ProblemNotice problem={form.problem} />
      {!frame.person && (
        <p class="soft">
          {say.guestHint} <a href="/sign-in?next=/checkout">{say.signIn}</a>
        </p>
      )}
      <form class="columns numbered" action="/checkout" method="post">
        <input type="hidden" name="key" value={key} />
        <input type="hidden" name="lines" value={lines} />
        <input type="hidden" name="expected_total" value={String(cart.total.amount)} />
        <input type="hidden" name="currency" value={cart.currency} />
        <div>
          <section class="panel">
            <h2>{say.who}</h2>
            <div class="fields two">
              <Field form={form} name="name" label={say.yourName} autocomplete="name" required />
              <Field
                form={form}
                name="phone"
                label={say.phone}
                hint={say.phoneHint}
                type="tel"
                autocomplete="tel"
                maxlength={60}
                required
              />
              {!frame.person && (
                <Field form={form} name="email" label={say.email} type="email" autocomplete="email" required />
              )}
            </div>
          </section>
          <section class="panel">
            <h2>{say.where}</h2>
            <AddressFields {...props} />
          </section>
          <section class="panel">
            <h2>{say.howToPay}</h2>
            <Ways {...props} />
          </section>
        </div>
        <aside class="panel aside">
          <ul>
            {cart.lines.map((line) => (
              <li key={line.sku} class="small">
                {say.piecesOf(String(line.quantity), [line.name, line.variant_name].filter(Boolean).join(', '))}
              </li>
            ))}
          </ul>
          <hr />
          <Sums {...cart} />
          <button class="button wide">{say.placeOrder(money(cart.total))}</button>
          <p class="soft small">{say.afterOnline}</p>
        </aside>
      </form>
    </Page>
  )
}

function AddressFields({ form, addresses }: CheckoutProps) {
  const { say } = useFrame()
  return (
    <div class="fields">
      {addresses.length > 0 && (
        <label class="field">
          <span>{say.savedAddress}</span>
          <select name="address">
            {addresses.map((address) => (
              <option key={address.id} value={address.id} selected={form.values['address'] === address.id}>
                {[address.label, address.name, address.line1, address.city].filter(Boolean).join(', ')}
              </option>
            ))}
            <option value="" selected={form.values['address'] === ''}>
              {say.anotherAddress}
            </option>
          </select>
        </label>
      )}
      <div class="fields two">
        <PlaceFields form={form} required={addresses.length === 0} />
      </div>
      <Field form={form} name="note" label={say.note} maxlength={1_000} />
    </div>
  )
}

function Ways({ form, methods, unavailable }: CheckoutProps) {
  const { say } = useFrame()
  const chosen = form.values['payment_method'] || methods[0]?.method
  return (
    <div class="fields">
      {methods.map(({ method, name, description }) => (
        <label key={method} class="way">
          <input type="radio" name="payment_method" value={method} checked={method === chosen} required />
          <span>
            {name}
            <small>{description}</small>
          </span>
        </label>
      ))}
      {unavailable.map(({ method, reason }) => (
        <p key={method} class="way off">
          {reason}
        </p>
      ))}
      {form.faults['payment_method'] && (
        <p class="fault" role="alert">
          {say.fieldFaults[form.faults['payment_method']]}
        </p>
      )}
    </div>
  )
}
