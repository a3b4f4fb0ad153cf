import { startTestService } from '@mart/service-kit/testing'
import { inventory } from '../services/inventory/src/main.ts'
import { notification } from '../services/notification/src/main.ts'
import { order } from '../services/order/src/main.ts'
import { payment } from '../services/payment/src/main.ts'
import { product } from '../services/product/src/main.ts'
import { user } from '../services/user/src/main.ts'

type Started = Pick<Awaited<ReturnType<typeof startTestService>>, 'http' | 'stop'> & { readonly name: string }

/** All six, each with a database and an event log of its own, so that what they have in common can be looked at. */
export async function startSixServices(): Promise<{ services: readonly Started[]; stop: () => Promise<void> }> {
  // One after the other: six that migrate at once are slower, and time out on a small machine.
  const started = [
    await startTestService(user, { AUTH_SECRET: 'sixteen-and-sixteen-more-characters' }),
    await startTestService(product),
    await startTestService(order),
    await startTestService(inventory),
    await startTestService(payment),
    await startTestService(notification),
  ]
  const names = [user, product, order, inventory, payment, notification].map(({ name }) => name)
  return {
    services: started.map(({ http, stop }, index) => ({ name: names[index]!, http, stop })),
    async stop() {
      await Promise.all(started.map(({ stop }) => stop()))
    },
  }
}
