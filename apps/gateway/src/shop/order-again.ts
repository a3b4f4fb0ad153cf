import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { OrderShape } from '@mart/contracts/http/order-shapes'
import { nameFor } from '@mart/contracts/names'
import type { App } from '@mart/service-kit/http-server'
import type { Named } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { fieldsOf } from './forms.ts'
import type { Visit } from './frame.ts'
import type { Shop } from './open-shop.ts'
import { pathOf, whoAsks } from './orders.ts'
import { signInFirst } from './sign-in-first.ts'

type WantedLine = Pick<OrderShape['lines'][number], 'sku' | 'quantity'>

/**
 * Puts what somebody has ordered before into the cart, or the `rest` of what was sold out: as many as then, or as are in it
 * already; pressed twice it is the same.
 */
export function addOrderAgain(app: App, shop: Shop): void {
  app.post<{ Params: { id: string } }>('/orders/:id/again', async (request, reply) => {
    const caller = await whoAsks(shop, request, reply)
    if (!caller) return await signInFirst(shop, request, reply)
    const [order, visit] = await Promise.all([
      shop.services.ask<OrderShape>('order', pathOf(request), caller),
      shop.visit(request),
    ])
    const isRest = fieldsOf(request)['rest'] !== undefined
    const path = await shop.carts.open(request, reply, visit)
    const inCart = new Map(visit.cart?.lines.map(({ sku, quantity }) => [sku, quantity]))
    const more = wantedOf(order, { isRest }).filter(({ sku, quantity }) => (inCart.get(sku) ?? 0) < quantity)
    await putWhatIsSold(shop, visit, `${path}/lines`, more)
    return reply.redirect(`/cart?again=${order.id}${isRest ? '&rest' : ''}`, 303)
  })
}

/** All of it, or what of it there was enough of. */
const wantedOf = ({ lines, missing }: OrderShape, { isRest }: { readonly isRest: boolean }) =>
  isRest ? lines.filter((line) => !missing.some(({ sku }) => sku === line.sku)) : lines

/** The cart takes all or none, and names what it does not take: the others go without those. */
export async function putWhatIsSold(
  { services }: Shop,
  { caller }: Pick<Visit, 'caller'>,
  path: string,
  lines: readonly WantedLine[],
): Promise<void> {
  const wanted = lines.map(({ sku, quantity }) => ({ sku, quantity }))
  if (wanted.length === 0) return
  const put = (lines: typeof wanted) => services.ask('order', path, caller, { method: 'PUT', body: { lines } })
  await put(wanted).catch(async (error: unknown) => {
    if (!(error instanceof ServiceRefusal && error.status === 422)) throw error
    const refused = new Set(error.problem.errors?.map(({ field }) => Number(/^lines\[(\d+)\]/.exec(field)?.[1])))
    const sold = wanted.filter((_, index) => !refused.has(index))
    if (sold.length > 0) await put(sold)
  })
}

/** What of the order that was to be ordered again is not in the cart: it is not sold any more, or not like this. */
export async function leftOut(
  { services }: Shop,
  { session, caller, frame }: Pick<Visit, 'session' | 'caller' | 'frame'>,
  cart: CartShape | null,
  { again: id, rest }: { readonly again?: unknown; readonly rest?: unknown },
): Promise<readonly Named[]> {
  if (!session || typeof id !== 'string') return []
  const path = `/orders/${encodeURIComponent(id)}`
  const order = await services.ask<OrderShape>('order', path, caller).catch((error: unknown) => {
    if (error instanceof ServiceRefusal) return null
    throw error
  })
  if (!order) return []
  const inCart = new Set(cart?.lines.map(({ sku }) => sku))
  const missing = wantedOf(order, { isRest: rest !== undefined }).filter(({ sku }) => !inCart.has(sku))
  return missing.map((line) => nameFor(frame.language, line))
}
