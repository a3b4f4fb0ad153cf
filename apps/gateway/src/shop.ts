import type { App } from '@mart/service-kit/http-server'
import { addAddresses } from './shop/account/addresses.ts'
import { addDataPage } from './shop/account/data.ts'
import { addDetails } from './shop/account/details.ts'
import { addNotifications } from './shop/account/notifications.ts'
import { addSecondFactor } from './shop/account/second-factor.ts'
import { addCart } from './shop/cart.ts'
import { addCheckout } from './shop/checkout.ts'
import { addCookiesPage } from './shop/cookies.ts'
import { addFaultPages } from './shop/faults.ts'
import { pagesOfForms } from './shop/form-pages.ts'
import { addHomePage } from './shop/home.ts'
import { addKeepOrder } from './shop/keep-order.ts'
import { addListPages } from './shop/list.ts'
import { openShop } from './shop/open-shop.ts'
import { addOrderActions } from './shop/order-actions.ts'
import { addOrderAddress } from './shop/order-address.ts'
import { addOrderAgain } from './shop/order-again.ts'
import { addOrders } from './shop/orders.ts'
import { addPasswordLinks } from './shop/password-links.ts'
import { addPreferences } from './shop/preferences.ts'
import { addProductPage } from './shop/product.ts'
import { addReceipt } from './shop/receipt.ts'
import { addReturns } from './shop/returns.ts'
import type { ShopSetting } from './shop/setting.ts'
import { addSignIn } from './shop/sign-in.ts'
import { addSitemap } from './shop/sitemap.ts'

/** The shop's pages: HTML first, each action a form. */
export function addShop(app: App, setting: ShopSetting): void {
  const shop = openShop(setting)
  const pageOfForm = pagesOfForms(app)
  // A page shows who is signed in, his cart and the stock of this moment, and where a redirect leads depends on them: one goes back
  // to what is so now.
  app.addHook('onRequest', async (_, reply) => {
    reply.header('cache-control', 'no-store')
  })
  addHomePage(app, shop)
  addListPages(app, shop)
  addProductPage(app, shop)
  addCart(app, shop)
  addSignIn(app, shop)
  addCheckout(app, shop)
  addOrders(app, shop)
  addOrderActions(app, shop)
  addReturns(app, shop)
  addOrderAddress(app, shop)
  addReceipt(app, shop)
  addKeepOrder(app, shop)
  addOrderAgain(app, shop)
  addPasswordLinks(app, shop)
  addDetails(app, shop)
  addAddresses(app, shop)
  addNotifications(app, shop)
  addSecondFactor(app, shop)
  addDataPage(app, shop)
  addPreferences(app, shop)
  addSitemap(app, shop)
  addCookiesPage(app)
  addFaultPages(app, shop, pageOfForm)
}
