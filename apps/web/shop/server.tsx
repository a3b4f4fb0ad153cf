import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { CartPage } from './pages/cart.tsx'
import { CheckoutPage } from './pages/checkout.tsx'
import { FaultPage } from './pages/fault.tsx'
import { HomePage } from './pages/home.tsx'
import { ListPage } from './pages/list.tsx'
import { OrderPage } from './pages/order.tsx'
import { OrdersPage } from './pages/orders.tsx'
import { ProductPage } from './pages/product.tsx'
import { SignInPage, SignUpPage } from './pages/sign-in.tsx'
import type { Frame, Pages } from './pages.ts'
import { InFrame } from './parts/frame.tsx'

const page =
  <Props,>(Body: (props: Props & { frame: Frame }) => VNode) =>
  (frame: Frame, props: Props): string =>
    `<!doctype html>${renderToString(
      <InFrame.Provider value={frame}>
        <Body {...props} frame={frame} />
      </InFrame.Provider>,
    )}`

export const pages: Pages = {
  home: page(HomePage),
  list: page(ListPage),
  product: page(ProductPage),
  cart: page(CartPage),
  checkout: page(CheckoutPage),
  order: page(OrderPage),
  orders: page(OrdersPage),
  signIn: page(SignInPage),
  signUp: page(SignUpPage),
  fault: page(FaultPage),
}
