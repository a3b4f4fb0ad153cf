import type { Messages } from '../../ui/messages.ts'
import type { FaultProps, Frame, Missing } from '../pages.ts'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'

/** Where one goes on who has found nothing. */
function waysOn({ person, path }: Frame, say: Messages): Record<Missing, readonly [href: string, words: string]> {
  const order = /^\/orders\/[^/?]+/.exec(path)?.[0] ?? '/account'
  return {
    page: ['/', say.home],
    product: ['/search', say.toAll],
    category: ['/search', say.toAll],
    order: person ? ['/account', say.ordersTitle] : ['/', say.home],
    address: ['/account/addresses', say.backToAddresses],
    wrong_link: ['/', say.home],
    order_in_account: [`/sign-in?next=${encodeURIComponent(order)}`, say.signIn],
  }
}

/** What happened, what it means, what to do. */
export function FaultPage({
  frame,
  status,
  missing,
  requestId,
  samePage,
  isWithoutCookies,
}: FaultProps & { frame: Frame }) {
  const { say } = useFrame()
  const [title, help] = samePage
    ? [say.otherOriginTitle, say.otherOriginHelp]
    : isWithoutCookies
      ? [say.noCookiesTitle, say.noCookiesHelp]
      : status === 401
        ? [say.signedOutTitle, say.signedOutHelp]
        : status === 404
          ? [say.missing[missing].title, say.missing[missing].help]
          : status === 429
            ? [say.tooManyTitle, say.tooManyHelp]
            : status === 503
              ? [say.slowTitle, say.brokenHelp]
              : status < 500
                ? [say.badRequestTitle, say.badRequestHelp]
                : [say.brokenTitle, say.brokenHelp]
  const way = waysOn(frame, say)[status === 404 ? missing : 'page']
  return (
    <Page title={title}>
      <section class="empty">
        <h1>{title}</h1>
        <p>{help}</p>
        <p>
          {samePage ? (
            <a class="button" href={samePage}>
              {say.openThere} <bdi dir="ltr">{new URL(samePage).host}</bdi>
            </a>
          ) : status === 401 ? (
            <a class="button" href={`/sign-in?next=${encodeURIComponent(frame.path)}`}>
              {say.signIn}
            </a>
          ) : status >= 500 || isWithoutCookies ? (
            <a class="button" href={frame.path}>
              {say.tryAgain}
            </a>
          ) : (
            <a class="button" href={way[0]}>
              {way[1]}
            </a>
          )}
        </p>
        {status >= 500 && <p class="soft small">{requestId}</p>}
      </section>
    </Page>
  )
}
