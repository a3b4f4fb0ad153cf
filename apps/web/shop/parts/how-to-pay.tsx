import type { CheckoutProps } from '../pages.ts'
import { CheckoutPart } from './checkout-part.tsx'
import { useFrame } from './frame.tsx'

/** Another address may be written on the same page: it can be chosen with that one. */
const isOfPlace = ({ code }: CheckoutProps['unavailable'][number]) => code === 'country' || code === 'city'

export function HowToPay({ form, methods, unavailable }: CheckoutProps) {
  const { say } = useFrame()
  const ways = [...methods, ...unavailable.filter(isOfPlace)]
  const before = ways.find(({ method }) => method === form.values['payment_method'])
  const chosen = before ?? methods[0]
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
        {methods.length === 0 && <p class="fault">{say.noWayToPay}</p>}
        {form.faults['payment_method'] && (
          <p class="fault" role="alert">
            {say.fieldFaults[form.faults['payment_method']]}
          </p>
        )}
      </div>
    </CheckoutPart>
  )
}
