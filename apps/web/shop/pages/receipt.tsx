import { dateText } from '../../ui/format.ts'
import type { ReceiptProps } from '../pages.ts'
import { useFrame } from '../parts/frame.tsx'
import { overAddress } from '../parts/over-address.ts'
import { Page } from '../parts/page.tsx'

export function ReceiptPage({ order, seller }: ReceiptProps) {
  const { frame, say } = useFrame()
  const title = say.receiptTitle(order.number)
  const { name, line1, line2, city, region, postal_code, country } = order.shipping_address
  const to = [name, line1, line2, [postal_code, city].filter(Boolean).join(' '), region, country].filter(Boolean)
  return (
    <Page title={title}>
      <article class="receipt panel">
        <header>
          <address>
            <strong>{seller.name}</strong>
            {seller.address.split(/\s*[,\n]\s*/).map((part) => (
              <div key={part}>{part}</div>
            ))}
            {seller.taxNumber && <div>{say.taxNumber(seller.taxNumber)}</div>}
          </address>
          <div>
            <h1>{title}</h1>
            <time datetime={order.placed_at}>{dateText(order.placed_at, frame.language)}</time>
          </div>
        </header>
        <h2>{overAddress(order, say)}</h2>
        <address>
          {to.map((part) => (
            <div key={part}>
              <bdi>{part}</bdi>
            </div>
          ))}
        </address>
        <div class="receipt-lines">
          <table>
            <thead>
              <tr>
                <th scope="col">{say.article}</th>
                <th scope="col">{say.quantity}</th>
                <th scope="col">{say.priceEach}</th>
                <th scope="col">{say.total}</th>
              </tr>
            </thead>
            <tbody>
              {order.lines.map((line) => (
                <ReceiptLine key={line.sku} line={line} />
              ))}
            </tbody>
            <tfoot>
              <ReceiptSums order={order} />
            </tfoot>
          </table>
        </div>
        <p>{howPaid(order, say)}</p>
        <p class="actions unprinted">
          <button type="button" class="button" data-print hidden>
            {say.print}
          </button>
          <a class="button quiet" href={`/orders/${order.id}`}>
            {say.backToOrder}
          </a>
        </p>
      </article>
    </Page>
  )
}

type Order = ReceiptProps['order']

function ReceiptLine({ line }: { line: Order['lines'][number] }) {
  const { count, named, inLanguage } = useFrame()
  const { name, name_language } = named(line)
  return (
    <tr>
      <td {...inLanguage(name_language)}>{name}</td>
      <td>{count(line.quantity)}</td>
      <Amount of={line.unit_price} />
      <Amount of={line.total} />
    </tr>
  )
}

function ReceiptSums({ order }: { order: Order }) {
  const { say } = useFrame()
  const { subtotal, shipping, tax, discount, total, payment } = order
  return (
    <>
      <Sum label={say.goods} of={subtotal} />
      <Sum label={say.delivery} of={shipping} />
      {discount.amount > 0 && <Sum label={say.discount} of={{ ...discount, amount: -discount.amount }} />}
      <Sum label={say.tax} of={tax} />
      <Sum label={say.total} of={total} isStrong />
      {payment.refunded.amount > 0 && <Sum label={say.sentBack} of={payment.refunded} />}
    </>
  )
}

interface SumProps {
  readonly label: string
  readonly of: Order['total']
  readonly isStrong?: boolean
}

const Sum = ({ label, of, isStrong = false }: SumProps) => (
  <tr class={isStrong ? 'sum' : undefined}>
    <th scope="row" colspan={3}>
      {label}
    </th>
    <Amount of={of} />
  </tr>
)

function Amount({ of }: { of: Order['total'] }) {
  const { money } = useFrame()
  return <td>{money(of)}</td>
}

type Say = ReturnType<typeof useFrame>['say']

/** By what it was paid, or is to be. */
function howPaid({ payment: { status }, payment_method: method }: Order, say: Say): string {
  if (status === 'nothing_due') return say.nothingDue
  if (status === 'due_on_delivery') return say.dueAtTheDoor
  if (status === 'voided') return say.notPaid
  const paid = say.paidBy[method]
  return status === 'refunding' ? `${paid} ${say.refundUnderWay}` : paid
}
