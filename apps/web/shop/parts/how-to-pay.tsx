import type { CheckoutProps } from '../pages.ts'
import { CheckoutPart } from './checkout-part.tsx'
import { Fault, useFault } from './fields.tsx'
import { useFrame } from './frame.tsx'

/** Another address may be written on the same page: it can be chosen with that one. */
const isOfPlace = ({ code }: CheckoutProps['unavailable'][number]) => code === 'country' || code === 'city'

export function HowToPay({ form, methods, unavailable }: CheckoutProps) {
  const { say } = useFrame()
  const ways = [...methods, ...unavailable.filter(isOfPlace)]
  const before = ways.find(({ method }) => method === form.values['payment_method'])
  const chosen = before ?? methods[0]
  const fault = useFault(form, 'payment_method')
  return (
    <CheckoutPart form={form} names={['payment_method']} title={say.howToPay} summary={before?.name ?? ''}>
      <div class="fields">
        {ways.map(({ method, name, ...way }) => (
          <label key={method} class="way">
            <input
              type="radio"
              name="payment_method"
              value={method}
              checked={method === chosen?.method}
              data-summary={name}
              aria-describedby={fault.text && fault.id}
              autofocus={fault.isFirst && method === (chosen ?? ways[0])?.method}
              required
            />
            <span>
              <bdi>{name}</bdi>
              <small>
                <bdi>{'code' in way ? say.whyNotOffered[way.code] : way.description}</bdi>
              </small>
            </span>
          </label>
        ))}
        {unavailable
          .filter((way) => !isOfPlace(way))
          .map(({ method, name, code }) => (
            <p key={method} class="way off">
              <bdi>{name}</bdi>: {say.whyNotOffered[code]}
            </p>
          ))}
        {methods.length === 0 && (
          <p class="fault" data-key="no-way" tabIndex={-1} autofocus={fault.isFirst && ways.length === 0}>
            {say.noWayToPay}
          </p>
        )}
        <Fault {...fault} />
      </div>
    </CheckoutPart>
  )
}
