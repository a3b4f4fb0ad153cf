import { timeText } from '../../ui/format.ts'
import type { OrderProps } from '../pages.ts'
import { ComesSoon } from '../parts/comes-soon.tsx'
import { ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { KeepOrder } from '../parts/keep-order.tsx'
import { OrderAgain } from '../parts/order-again.tsx'
import { overAddress } from '../parts/over-address.ts'
import { Page } from '../parts/page.tsx'
import { Pieces } from '../parts/pieces.tsx'
import { isUnderWay, ReturnForm, Returns, UnsentNote } from '../parts/returns.tsx'
import { Missing, SoldOut, wasSoldOut } from '../parts/sold-out.tsx'
import { Sums } from '../parts/sums.tsx'

const stillHere = new Set(['placed', 'awaiting_payment', 'confirmed'])
const final = new Set(['cancelled', 'delivered', 'undelivered'])

export function OrderPage(props: OrderProps) {
  const { order, history, methods, problem, looks, returns, returnForm, hasReceipt, keep } = props
  const { frame, say, money, named } = useFrame()
  const time = (iso: string) => timeText(iso, frame.language)
  const title = say.orderTitle(order.number)
  const goesOn = !final.has(order.status) || (returns?.items.some(isUnderWay) ?? false)
  const isReturnable = returns !== null && returns.returnable.lines.length > 0
  return (
    <Page title={title}>
      {problem === null && <ComesSoon order={order} looks={looks} />}
      {/* Beside what is live, or the next event would take it away. */}
      <ProblemNotice problem={problem ?? (isReturnable ? null : returnForm.problem)} />
      {!isReturnable && <UnsentNote text={returnForm.values['note']} />}
      <div id="order" data-part {...(goesOn && { 'data-events': `/orders/${order.id}/events` })}>
        <h1>{title}</h1>
        <p class="live" data-on={say.live} data-off={say.notLive} />
        <div class="columns">
          <div aria-live="polite">
            <section class="panel">
              {wasSoldOut(order) ? <SoldOut order={order} /> : <p class="status">{say.statuses[order.status]}</p>}
              <Now order={order} methods={methods} />
              {isReturnable && (
                <p class="actions">
                  <a class="button quiet" href="#send-back">
                    {say.sendBack}
                  </a>
                </p>
              )}
            </section>
            {returns && returns.items.length > 0 && <Returns items={returns.items} />}
            <section class="panel" aria-live="off">
              <h2>{say.whatHappened}</h2>
              <ol class="timeline">
                {history.map((line) => (
                  <li key={line.n}>
                    <time datetime={line.at}>{time(line.at)}</time>
                    {say.happenings[line.what] ?? line.what.replaceAll('_', ' ')}
                    {line.what === 'stock_refused' ? <AllMissing order={order} /> : <Reason {...line} />}
                  </li>
                ))}
              </ol>
            </section>
          </div>
          <aside class="panel aside">
            <h2>{say.whatYouOrdered}</h2>
            <ul>
              {order.lines.map((line) => (
                <li key={line.sku}>
                  <Pieces quantity={line.quantity} {...named(line)} /> <bdi class="soft">{money(line.total)}</bdi>
                </li>
              ))}
            </ul>
            <hr />
            <Sums {...order} />
            {hasReceipt && (
              <p>
                <a href={`/orders/${order.id}/receipt`}>{say.receipt}</a>
              </p>
            )}
            {frame.person && !keep && <OrderAgain order={order} />}
            <h2>{overAddress(order, say)}</h2>
            <address>
              {[
                order.shipping_address.name,
                order.shipping_address.line1,
                order.shipping_address.line2,
                order.shipping_address.city,
              ]
                .filter(Boolean)
                .map((part) => (
                  <div key={part}>
                    <bdi>{part}</bdi>
                  </div>
                ))}
              <bdi dir="ltr">{order.shipping_address.phone}</bdi>
            </address>
            {stillHere.has(order.status) && <a href={`/orders/${order.id}/address`}>{say.changeAddressTitle}</a>}
          </aside>
        </div>
        {isReturnable && <ReturnForm order={order} returns={returns} form={returnForm} />}
        {keep && <KeepOrder id={order.id} {...keep} />}
      </div>
    </Page>
  )
}

/** Words of the shop or its staff, in whichever language they wrote. */
function Reason({ reason, translations }: OrderProps['history'][number]) {
  const { frame, inLanguage } = useFrame()
  const text = (frame.language === 'ur' && translations?.ur?.reason) || reason
  return text ? (
    <span class="soft">
      {' · '}
      <bdi {...inLanguage(/\p{Script=Arabic}/u.test(text) ? 'ur' : 'en')}>{text}</bdi>
    </span>
  ) : null
}

function AllMissing({ order }: Pick<OrderProps, 'order'>) {
  return (
    <>
      {order.missing.map((goods) => (
        <span key={goods.sku} class="soft">
          {' · '}
          <Missing goods={goods} />
        </span>
      ))}
    </>
  )
}

/** What to do now, first. */
function Now({ order, methods }: Pick<OrderProps, 'order' | 'methods'>) {
  const { frame, say, money } = useFrame()
  const { action } = order.payment
  const others = methods.filter(({ method }) => method !== order.payment_method)
  return (
    <>
      {order.shipment && <p>{say.tracking(order.shipment.carrier, order.shipment.tracking_number)}</p>}
      {order.status === 'awaiting_payment' && (
        <>
          {order.payment_due_at && <p>{say.payUntil(timeText(order.payment_due_at, frame.language))}</p>}
          <div class="actions">
            {action ? (
              <a class="button" href={action.url} data-pay>
                {say.payNow(money(order.total))}
              </a>
            ) : (
              <p class="soft">{say.preparingPayment}</p>
            )}
          </div>
          {others.length > 0 && (
            <form class="actions" action={`/orders/${order.id}/payment`} method="post">
              <label class="field">
                <span>{say.otherWay}</span>
                <select name="payment_method">
                  {others.map(({ method, name }) => (
                    <option key={method} value={method}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
              <button class="button quiet">{say.choosePayment}</button>
            </form>
          )}
        </>
      )}
      {stillHere.has(order.status) && (
        <form class="actions" action={`/orders/${order.id}/cancel`} method="post">
          <button class="button danger">{say.cancelOrder}</button>
          <p class="soft small">{say.cancelOrderHelp}</p>
        </form>
      )}
    </>
  )
}
