import type { CartShape } from '@mart/contracts/http/cart-shapes'
import type { OrderShape } from '@mart/contracts/http/order-shapes'
import { nameFor } from '@mart/contracts/names'
import type { App, FastifyRequest } from '@mart/service-kit/http-server'
import type { Named } from '@mart/web/pages'
import { ServiceRefusal } from '../services-client.ts'
import { forMember, type Member } from './account/member.ts'
import type { Visit } from './frame.ts'
import type { Shop } from './open-shop.ts'

type OrderRequest = FastifyRequest<{ Params: { id: string } }>
type WantedLine = Pick<OrderShape['lines'][number], 'sku' | 'quantity'>

/** Puts what somebody has ordered before into the cart: as many as then, or as are in it already; pressed twice it is the same. */
export function addOrderAgain(app: App, shop: Shop): void {
  app.post(
    '/orders/:id/again',
    forMember<OrderRequest>(
      shop,
      async (member, request, reply) => {
        const order = await orderOf(shop, member, request.params.id)
        const path = await shop.carts.open(request, reply, member)
        const inCart = new Map(member.cart?.lines.map(({ sku, quantity }) => [sku, quantity]))
        const more = order.lines.filter(({ sku, quantity }) => (inCart.get(sku) ?? 0) < quantity)
        await putWhatIsSold(shop, member, `${path}/lines`, more)
        return reply.redirect(`/cart?again=${order.id}`, 303)
      },
      pageOf,
    ),
  )
}

/** The cart takes all or none, and names what it does not take: the others go without those. */
export async function putWhatIsSold(
  { services }: Shop,
  { caller }: Pick<Member, 'caller'>,
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

const pageOf = ({ params: { id } }: OrderRequest) => `/orders/${encodeURIComponent(id)}`

const orderOf = ({ services }: Shop, { caller }: Pick<Member, 'caller'>, id: string) =>
  services.ask<OrderShape>('order', `/orders/${encodeURIComponent(id)}`, caller)

/** What of the order that was to be ordered again is not in the cart: it is not sold any more, or not like this. */
export async function leftOut(
  shop: Shop,
  { session, caller, frame }: Pick<Visit, 'session' | 'caller' | 'frame'>,
  cart: CartShape | null,
  id: unknown,
): Promise<readonly Named[]> {
  if (!session || typeof id !== 'string') return []
  const order = await orderOf(shop, { caller }, id).catch((error: unknown) => {
    if (error instanceof ServiceRefusal) return null
    throw error
  })
  const inCart = new Set(cart?.lines.map(({ sku }) => sku))
  const missing = order?.lines.filter(({ sku }) => !inCart.has(sku)) ?? []
  return missing.map((line) => nameFor(frame.language, line))
}
