import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { PaymentMethodsShape } from '@mart/contracts/http/payment-shapes'
import { Country } from '@mart/contracts/http/text-shapes'
import type { AddressShape } from '@mart/contracts/http/user-shapes'
import type { Static } from 'typebox'
import type { Caller } from '../services-client.ts'
import type { Shop } from './open-shop.ts'

const isCountry = (text: string | undefined): text is string => Country.enum.some((one) => one === text)

export const countryIn = ({ country }: Readonly<Record<string, string>>): string | undefined =>
  country?.trim().toUpperCase()

/** How this cart may be paid where it goes: to the saved address that is chosen, else to what is typed so far. */
export async function waysToPay(
  { services, country: home }: Pick<Shop, 'services' | 'country'>,
  caller: Caller,
  {
    cart,
    values,
    saved,
  }: { cart: CartShape; values: Readonly<Record<string, string>>; saved: AddressShape | undefined },
): Promise<Static<typeof PaymentMethodsShape>> {
  const typed = countryIn(values)
  const country = saved?.country ?? (isCountry(typed) ? typed : home)
  const city = (saved?.city ?? values['city'] ?? '').trim()
  const query = new URLSearchParams({
    currency: cart.currency,
    country,
    total: String(cart.total.amount),
    ...(city && city.length <= 200 && { city }),
  })
  return await services.ask('payment', `/payment-methods?${query}`, caller)
}
