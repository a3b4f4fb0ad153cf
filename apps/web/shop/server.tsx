import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { AddressesPage, AddressPage } from './pages/addresses.tsx'
import { CartPage } from './pages/cart.tsx'
import { CheckoutPage } from './pages/checkout.tsx'
import { DataPage, ErasedPage } from './pages/data.tsx'
import { DetailsPage } from './pages/details.tsx'
import { FaultPage } from './pages/fault.tsx'
import { HomePage } from './pages/home.tsx'
import { ListPage } from './pages/list.tsx'
import { NotificationsPage } from './pages/notifications.tsx'
import { OrderPage } from './pages/order.tsx'
import { OrderAddressPage } from './pages/order-address.tsx'
import { OrderedAlreadyPage } from './pages/ordered-already.tsx'
import { OrdersPage } from './pages/orders.tsx'
import { EmailVerifiedPage, ForgotPage, ResetPasswordPage } from './pages/password-links.tsx'
import { ProductPage } from './pages/product.tsx'
import { ReceiptPage } from './pages/receipt.tsx'
import { SecondFactorPage } from './pages/second-factor.tsx'
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
  orderedAlready: page(OrderedAlreadyPage),
  order: page(OrderPage),
  orderAddress: page(OrderAddressPage),
  receipt: page(ReceiptPage),
  orders: page(OrdersPage),
  signIn: page(SignInPage),
  signUp: page(SignUpPage),
  forgot: page(ForgotPage),
  resetPassword: page(ResetPasswordPage),
  emailVerified: page(EmailVerifiedPage),
  details: page(DetailsPage),
  addresses: page(AddressesPage),
  address: page(AddressPage),
  notifications: page(NotificationsPage),
  secondFactor: page(SecondFactorPage),
  data: page(DataPage),
  erased: page(ErasedPage),
  fault: page(FaultPage),
}
