import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { CartProps } from '../pages.ts'
import { CartChangeText, isPriceChange } from '../parts/cart-change.tsx'
import { ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { Photo } from '../parts/picture.tsx'
import { Sums } from '../parts/sums.tsx'

type Line = CartShape['lines'][number]

export function CartPage({ cart, problem, most, leftOut }: CartProps) {
  const { say, money, count } = useFrame()
  const notice = <ProblemNotice problem={problem} more={most ? say.atMost(count(most)) : ''} />
  if (!cart || cart.lines.length === 0)
    return (
      <Page title={say.cartTitle}>
        <div class="empty" id="cart" data-part>
          {notice}
          <h1>{say.cartEmpty}</h1>
          <LeftOut names={leftOut} />
          <p>{say.cartEmptyHelp}</p>
          <a class="button" href="/search">
            {say.toAll}
          </a>
        </div>
      </Page>
    )
  const hasNewPrices = cart.lines.some(({ changes }) => changes.some(isPriceChange))
  return (
    <Page title={say.cartTitle}>
      <div id="cart" data-part>
        <h1>{say.cartTitle}</h1>
        {notice}
        <LeftOut names={leftOut} />
        <div class="columns">
          <ul class="lines">
            {cart.lines.map((line) => (
              <CartLine key={line.sku} line={line} />
            ))}
          </ul>
          <aside class="panel aside">
            {hasNewPrices && (
              <form action="/cart/seen" method="post" data-live>
                <button class="button quiet wide">{say.seenChanges}</button>
              </form>
            )}
            <Sums {...cart} />
            {cart.missing_to_free_shipping && (
              <p class="notice">{say.toFreeDelivery(money(cart.missing_to_free_shipping))}</p>
            )}
            {cart.can_order ? (
              <a class="button wide" href="/checkout">
                {say.toCheckout}
              </a>
            ) : (
              <p class="notice warning">{say.cannotOrder}</p>
            )}
          </aside>
        </div>
      </div>
    </Page>
  )
}

function LeftOut({ names }: { names: CartProps['leftOut'] }) {
  const { say, inLanguage } = useFrame()
  return names.length > 0 ? (
    <div class="notice warning">
      <p>{say.leftOut}</p>
      <ul class="dashes">
        {names.map(({ name, name_language }) => (
          <li key={name}>
            <bdi {...inLanguage(name_language)}>{name}</bdi>
          </li>
        ))}
      </ul>
    </div>
  ) : null
}

function CartLine({ line }: { line: Line }) {
  const { say, money, inLanguage } = useFrame()
  return (
    <li data-key={line.sku}>
      <div class="picture">
        {line.image_url && <Photo url={line.image_url} place="line" side={72} loading="lazy" />}
      </div>
      <p>
        {line.product_slug ? (
          <a
            class="line-name"
            href={`/p/${line.product_slug}?sku=${encodeURIComponent(line.sku)}`}
            {...inLanguage(line.name_language)}
          >
            {line.name}
          </a>
        ) : (
          <span class="line-name" {...inLanguage(line.name_language)}>
            {line.name}
          </span>
        )}
        <br />
        <span class="soft small">
          {line.variant_name && <bdi {...inLanguage(line.variant_name_language ?? 'en')}>{line.variant_name}</bdi>}
          {line.variant_name && line.unit_price && ' · '}
          {line.unit_price && say.each(money(line.unit_price))}
        </span>
      </p>
      <p class="line-total">{line.total && money(line.total)}</p>
      {line.changes.map((change) => (
        <p key={change.code} class={`line-changes ${isPriceChange(change) ? '' : 'bad'}`}>
          <CartChangeText line={line} change={change} />
        </p>
      ))}
      <Stepper line={line} />
    </li>
  )
}

/** How many: by a step, or as one types. */
function Stepper({ line: { sku, name, quantity, max_quantity: most } }: { line: Line }) {
  const { say } = useFrame()
  return (
    <form class="stepper" action="/cart/lines" method="post" data-live="last">
      {/* Enter in the field presses the first button: not the one of a step. */}
      <button hidden tabIndex={-1} />
      <input type="hidden" name="sku" value={sku} />
      <button name="step" value="fewer" formNoValidate aria-label={say.oneFewer(name)}>
        <Icon name="minus" />
      </button>
      <input
        name="quantity"
        type="number"
        min={0}
        max={most}
        value={String(quantity)}
        inputmode="numeric"
        autocomplete="off"
        required
        aria-label={`${say.quantity}: ${name}`}
      />
      <button
        name="step"
        value="more"
        formNoValidate
        aria-label={say.oneMore(name)}
        aria-disabled={quantity >= most ? 'true' : undefined}
      >
        <Icon name="plus" />
      </button>
      <button class="set">{say.change}</button>
      <button class="take-out" name="quantity" value="0" formNoValidate aria-label={say.removeLine(name)}>
        <Icon name="remove" />
      </button>
    </form>
  )
}
