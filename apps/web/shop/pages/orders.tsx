import { timeText } from '../../ui/format.ts'
import type { OrdersProps } from '../pages.ts'
import { AccountPage, FromStart } from '../parts/account-page.tsx'
import { useFrame } from '../parts/frame.tsx'
import { OrderAgain } from '../parts/order-again.tsx'

export function OrdersPage({ orders, nextCursor, isFromStart }: OrdersProps) {
  const { frame, say, money } = useFrame()
  return (
    <AccountPage title={say.ordersTitle} room="/account">
      <div class="greeting">
        <p class="soft">{frame.person && say.hello(frame.person.name)}</p>
        <form action="/sign-out" method="post">
          <button class="button quiet">{say.signOut}</button>
        </form>
      </div>
      <FromStart isSo={isFromStart} />
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
            <li key={order.id} class="order-row">
              <a class="row" href={`/orders/${order.id}`}>
                <b>{order.number}</b>
                <span>{say.statuses[order.status]}</span>
                <time class="soft" datetime={order.placed_at}>
                  {timeText(order.placed_at, frame.language)}
                </time>
                <b class="price">{money(order.total)}</b>
              </a>
              <OrderAgain order={order} />
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
    </AccountPage>
  )
}
