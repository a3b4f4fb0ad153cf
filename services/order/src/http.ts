import { guestLinks } from '@mart/service-kit/guest-links'
import type { App } from '@mart/service-kit/http-server'
import type { Service } from '@mart/service-kit/start-service'
import { addCartRoutes } from './carts/http.ts'
import { rememberedCatalogue } from './catalogue-queries.ts'
import { type Config, shopRules } from './config.ts'
import { addCommandRoutes } from './http/command.ts'
import { addGuestRoutes } from './http/guests.ts'
import { addListingRoute } from './http/list.ts'
import { addPlacingRoute } from './http/place.ts'
import { addReadingRoutes } from './http/read.ts'
import { addStreamRoute } from './http/stream.ts'
import { addTermsRoute } from './http/terms.ts'
import { orderNumbers } from './order-numbers.ts'
import { createOrderWatch } from './order-watch.ts'
import { createOrderWriter } from './order-writer.ts'
import { addReturnRoutes } from './returns/http.ts'

export async function addRoutes(app: App, { db, config }: Service<Config>): Promise<void> {
  const rules = shopRules(config)
  const catalogue = await rememberedCatalogue(db)
  const links = guestLinks(config.GUEST_LINK_SECRET)
  addPlacingRoute(app, {
    db,
    rules,
    links,
    catalogue,
    writer: createOrderWriter(db, rules.openOrders),
    nextNumber: orderNumbers(db),
  })
  addListingRoute(app, db)
  addReadingRoutes(app, db, links)
  addCommandRoutes(app, { db, rules, links })
  addGuestRoutes(app, db, links)
  addReturnRoutes(app, { db, links, returnDays: config.RETURN_DAYS })
  addStreamRoute(app, { db, links, watch: createOrderWatch(db) })
  addTermsRoute(app, rules, { returnDays: config.RETURN_DAYS })
  addCartRoutes(app, { db, catalogue, rules })
}
