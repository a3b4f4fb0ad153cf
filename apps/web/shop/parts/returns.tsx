import type { OrderShape } from '@mart/contracts/http/order-shapes'
import type { OrderReturnsShape, ReturnShape } from '@mart/contracts/http/return-shapes'
import { timeText } from '../../ui/format.ts'
import type { FormState } from '../form-state.ts'
import { Fault, Field, faultMarks, OfPerson, ProblemNotice, useFault } from './fields.tsx'
import { useFrame } from './frame.tsx'
import { Pieces } from './pieces.tsx'

/** Something of it is still to come. */
export const isUnderWay = ({ status }: ReturnShape): boolean =>
  status !== 'refused' && status !== 'withdrawn' && status !== 'refunded'

/** What is sent back of an order, and where each of it is. */
export function Returns({ items }: Pick<OrderReturnsShape, 'items'>) {
  const { frame, say, named } = useFrame()
  return (
    <section class="panel" id="returns">
      <h2>{say.returnsTitle}</h2>
      <ul class="returns">
        {items.map((one) => (
          <li key={one.id}>
            <h3>{say.returnStatuses[one.status]}</h3>
            <time class="soft small" datetime={one.updated_at}>
              {timeText(one.updated_at, frame.language)}
            </time>
            <ul>
              {one.lines.map((line) => (
                <li key={`${line.sku} ${line.reason}`}>
                  <Pieces quantity={line.quantity} {...named(line)} />{' '}
                  <span class="soft">· {say.returnReasons[line.reason]}</span>
                </li>
              ))}
            </ul>
            <Outcome one={one} />
            {(one.status === 'requested' || one.status === 'approved') && <Withdraw one={one} />}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Withdraw({ one: { id, order_id, status } }: { one: ReturnShape }) {
  const { say } = useFrame()
  return (
    <form class="actions" action={`/orders/${order_id}/returns/${id}/withdraw`} method="post">
      <button class="button quiet">{say.withdrawReturn}</button>
      {status === 'approved' && <p class="soft small">{say.withdrawReturnHelp}</p>}
    </form>
  )
}

/** What comes of it for the buyer, in words. */
function Outcome({ one: { status, refund, refunded, refusal } }: { one: ReturnShape }) {
  const { say, money } = useFrame()
  if (status === 'refused')
    return (
      <p>
        <bdi>{refusal}</bdi>
      </p>
    )
  if (status === 'withdrawn') return <p>{say.returnWithdrawn}</p>
  if (status === 'refunded')
    return <p>{refunded && refunded.amount > 0 ? say.returnRefunded(money(refunded)) : say.nothingToRefund}</p>
  return <p>{say.returnRefunds[status](money(refund))}</p>
}

/** What was written for a return that was not asked for, so that it is not lost where there is no form for it. */
export function UnsentNote({ text }: { text: string | undefined }) {
  const { say } = useFrame()
  return text?.trim() ? (
    <p class="notice">
      {say.noteNotSent} <bdi>{text}</bdi>
    </p>
  ) : null
}

interface ReturnFormProps {
  readonly order: OrderShape
  readonly returns: OrderReturnsShape
  readonly form: FormState
}

export function ReturnForm({ order, returns: { items, returnable }, form }: ReturnFormProps) {
  const { frame, say, money } = useFrame()
  const isBegun = form.problem !== null || Object.keys(form.values).length > 0
  return (
    <details class="panel more" open={isBegun}>
      <summary>{say.sendBack}</summary>
      {returnable.until && <p>{say.sendBackUntil(timeText(returnable.until, frame.language))}</p>}
      <p class="soft">
        {say.refundRule} {order.shipping.amount > 0 && say.deliveryRule(money(order.shipping))}
      </p>
      <form id="send-back" action={`/orders/${order.id}/returns`} method="post" data-begun={isBegun}>
        <OfPerson />
        <ProblemNotice problem={form.problem} />
        {/* The same while nothing else was asked for: pressed twice it is one return. */}
        <input type="hidden" name="key" value={`return ${items.length} of ${order.id}`} />
        <div class="fields">
          {returnable.lines.map((line) => (
            <LineFields key={line.sku} line={line} form={form} />
          ))}
          <Field form={form} name="note" label={say.note} maxlength={1_000} />
        </div>
        <div class="actions">
          <button class="button">{say.askReturn}</button>
        </div>
      </form>
    </details>
  )
}

function LineFields({
  line,
  form,
}: {
  readonly line: OrderReturnsShape['returnable']['lines'][number]
  readonly form: FormState
}) {
  const { say, count, named, inLanguage } = useFrame()
  const { sku, quantity } = line
  const { name, name_language } = named(line)
  const [howMany, why] = [`quantity:${sku}`, `reason:${sku}`]
  const [wrongNumber, wrongReason] = [useFault(form, howMany), useFault(form, why)]
  return (
    <fieldset class="fields two">
      <legend>
        <bdi {...inLanguage(name_language)}>{name}</bdi>
      </legend>
      <label class="field">
        <span>{say.howManyBack(count(quantity))}</span>
        <input
          type="number"
          name={howMany}
          min={0}
          max={quantity}
          step={1}
          inputmode="numeric"
          value={form.values[howMany] ?? '0'}
          {...faultMarks(wrongNumber)}
        />
        <Fault {...wrongNumber} />
      </label>
      <label class="field">
        <span>{say.whyBack}</span>
        <select name={why} {...faultMarks(wrongReason)}>
          <option value="">{say.chooseWhy}</option>
          {Object.entries(say.returnReasons).map(([reason, words]) => (
            <option key={reason} value={reason} selected={form.values[why] === reason}>
              {words}
            </option>
          ))}
        </select>
        <Fault {...wrongReason} />
      </label>
    </fieldset>
  )
}
