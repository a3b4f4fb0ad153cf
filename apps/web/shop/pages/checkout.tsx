import type { CheckoutProps } from '../pages.ts'
import { CartChangeText, isPriceChange } from '../parts/cart-change.tsx'
import { CheckoutPart, checkoutForm } from '../parts/checkout-part.tsx'
import { Field, OfPerson, PhoneField, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { HowToPay } from '../parts/how-to-pay.tsx'
import { Page } from '../parts/page.tsx'
import { Pieces } from '../parts/pieces.tsx'
import { ofPlace, PlaceFields } from '../parts/place-fields.tsx'
import { Sums } from '../parts/sums.tsx'

export function CheckoutPage(props: CheckoutProps) {
  const { frame, say, money } = useFrame()
  const { cart, form, key } = props
  const lines = cart.lines.map(({ sku, quantity }) => `${quantity} ${sku}`).join('\n')
  return (
    <Page title={say.checkoutTitle} sentAlong={checkoutForm}>
      <div id="checkout" data-part>
        <h1>{say.checkoutTitle}</h1>
        <ProblemNotice problem={form.problem} />
        {!frame.person && (
          <p class="soft">
            {say.guestHint} <a href="/sign-in?next=/checkout">{say.signIn}</a>
          </p>
        )}
        <form id={checkoutForm.form} class="columns numbered" action="/checkout" method="post" data-once>
          <input type="hidden" name="key" value={key} />
          <OfPerson />
          <input type="hidden" name="lines" value={lines} />
          <input type="hidden" name="expected_total" value={String(cart.total.amount)} />
          <input type="hidden" name="currency" value={cart.currency} />
          <div>
            <Who {...props} />
            <Where {...props} />
            <HowToPay {...props} />
          </div>
          <aside class="panel aside">
            <ul>
              {cart.lines.map((line) => (
                <li key={line.sku} class="small" data-key={line.sku}>
                  <Pieces
                    quantity={line.quantity}
                    name={[line.name, line.variant_name].filter(Boolean).join(say.comma)}
                    name_language={line.name_language}
                  />
                  <Obstacles line={line} />
                </li>
              ))}
            </ul>
            <hr />
            <Sums {...cart} />
            <button class="button wide">{say.placeOrder(money(cart.total))}</button>
            <p class="notice warning" role="alert" hidden data-away>
              {say.orderWaits}
            </p>
            <p class="soft small after-online">{say.afterOnline}</p>
            <p class="soft small after-cash">{say.afterCash}</p>
          </aside>
        </form>
      </div>
    </Page>
  )
}

type Line = CheckoutProps['cart']['lines'][number]
const obstaclesOf = ({ changes }: Line) => changes.filter((change) => !isPriceChange(change))

/** What stands in the way of ordering it, and the way out. */
function Obstacles({ line }: { line: Line }) {
  const { say } = useFrame()
  const obstacles = obstaclesOf(line)
  if (obstacles.length === 0) return null
  return (
    <>
      {obstacles.map((change) => (
        <p key={change.code} class="line-changes bad">
          <CartChangeText line={line} change={change} />
        </p>
      ))}
      <button
        class="button quiet"
        name="take_out"
        value={line.sku}
        formNoValidate
        aria-label={say.removeLine(line.name)}
      >
        {say.takeOut}
      </button>
    </>
  )
}

/** The saved address that is chosen. */
const chosenOf = ({ form, addresses }: CheckoutProps) => addresses.find(({ id }) => id === form.values['address'])

function Who(props: CheckoutProps) {
  const { frame, say } = useFrame()
  const { form, addresses } = props
  const names = frame.person ? ['name', 'phone'] : ['name', 'phone', 'email']
  const mustType = addresses.length === 0
  const summary = chosenOf(props) ? frame.person?.name : lineOf(form.values, names, names)
  return (
    <CheckoutPart form={form} names={names} title={say.who} summary={summary ?? ''}>
      {frame.person && <p>{say.hello(frame.person.name)}</p>}
      <div class="fields two typed">
        <Field form={form} name="name" label={say.yourName} autocomplete="name" required={mustType} />
        <PhoneField form={form} label={say.phone} required={mustType} />
        {!frame.person && (
          <Field form={form} name="email" label={say.email} type="email" autocomplete="email" required />
        )}
      </div>
    </CheckoutPart>
  )
}

function Where(props: CheckoutProps) {
  const { say } = useFrame()
  const { form, addresses } = props
  const chosen = chosenOf(props)
  const summary = chosen ? addressLine(chosen) : lineOf(form.values, ofPlace, ['line1', 'city', 'country'])
  return (
    <CheckoutPart form={form} names={[...ofPlace, 'address', 'note']} title={say.where} summary={summary}>
      <div class="fields">
        {addresses.length > 0 && (
          <label class="field">
            <span>{say.savedAddress}</span>
            <select name="address">
              {addresses.map((address) => (
                <option key={address.id} value={address.id} selected={address === chosen}>
                  {addressLine(address)}
                </option>
              ))}
              <option value="" selected={!chosen}>
                {say.anotherAddress}
              </option>
            </select>
          </label>
        )}
        <div class="fields two typed">
          <PlaceFields form={form} required={addresses.length === 0} />
        </div>
        <Field form={form} name="note" label={say.note} maxlength={1_000} />
      </div>
    </CheckoutPart>
  )
}

const addressLine = ({ label, name, line1, city }: CheckoutProps['addresses'][number]) =>
  [label, name, line1, city].filter(Boolean).join(', ')

/** The values of these in one line; empty while one that must be there is missing. */
function lineOf(
  values: Readonly<Record<string, string>>,
  names: readonly string[],
  required: readonly string[],
): string {
  const isFilled = (name: string) => Boolean(values[name]?.trim())
  return required.every(isFilled)
    ? names
        .filter(isFilled)
        .map((name) => values[name])
        .join(', ')
    : ''
}
