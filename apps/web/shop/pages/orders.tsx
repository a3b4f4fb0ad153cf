import { timeText } from '../../ui/format.ts'
import type { OrdersProps } from '../pages.ts'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'

export function OrdersPage({ orders, nextCursor }: OrdersProps) {
  const { frame, say, money } = useFrame()
  return (
    <Page title={say.ordersTitle}>
      <h1>{say.ordersTitle}</h1>
      <p class="soft">{frame.person && say.hello(frame.person.name)}</p>
      <form action="/sign-out" method="post">
        <button class="button quiet">{say.signOut}</button>
      </form>
      {orders.length === 0 ? (
        <section class="empty">
          <h2>{say.noOrders}</h2>
          <p>{say.noOrdersHelp}</p>
          <a class="button" href="/search">
            {say.toAll}
          </a>
        </section>
      ) : (
        <ul class="rows">
          {orders.map((order) => (
            <li key={order.id}>
              <a class="row" href={`/orders/${order.id}`}>
                <b>{order.number}</b>
                <span>{say.statuses[order.status]}</span>
                <time class="soft" datetime={order.placed_at}>
                  {timeText(order.placed_at, frame.language)}
                </time>
                <b>{money(order.total)}</b>
              </a>
            </li>
          ))}
        </ul>
      )}
      {nextCursor && (
        <p class="pages">
          <a class="button quiet" href={`/account?cursor=${encodeURIComponent(nextCursor)}`}>
            {say.more}
          </a>
        </p>
      )}
    </Page>
  )
}
