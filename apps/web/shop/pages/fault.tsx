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

function wordsFor({ status, missing, samePage, isWithoutCookies }: FaultProps, say: Messages): [string, string] {
  if (samePage) return [say.otherOriginTitle, say.otherOriginHelp]
  if (isWithoutCookies) return [say.noCookiesTitle, say.noCookiesHelp]
  if (status === 401) return [say.signedOutTitle, say.signedOutHelp]
  if (status === 404) return [say.missing[missing].title, say.missing[missing].help]
  if (status === 429) return [say.tooManyTitle, say.tooManyHelp]
  if (status === 503) return [say.slowTitle, say.brokenHelp]
  return status < 500 ? [say.badRequestTitle, say.badRequestHelp] : [say.brokenTitle, say.brokenHelp]
}

/** What happened, what it means, what to do. */
export function FaultPage(props: FaultProps & { frame: Frame }) {
  const { frame, status, missing, requestId, samePage, isWithoutCookies } = props
  const { say } = useFrame()
  const [title, help] = wordsFor(props, say)
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
