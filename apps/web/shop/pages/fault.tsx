import type { FaultProps, Frame } from '../pages.ts'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'

/** What happened, what it means, what to do. */
export function FaultPage({ frame, status, requestId, samePage }: FaultProps & { frame: Frame }) {
  const { say } = useFrame()
  const [title, help] = samePage
    ? [say.otherOriginTitle, say.otherOriginHelp]
    : status === 401
      ? [say.signedOutTitle, say.signedOutHelp]
      : status === 404
        ? [say.notFoundTitle, say.notFoundHelp]
        : status === 429
          ? [say.tooManyTitle, say.tooManyHelp]
          : status === 503
            ? [say.slowTitle, say.brokenHelp]
            : status < 500
              ? [say.badRequestTitle, say.badRequestHelp]
              : [say.brokenTitle, say.brokenHelp]
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
          ) : status >= 500 ? (
            <a class="button" href={frame.path}>
              {say.tryAgain}
            </a>
          ) : (
            <a class="button" href="/">
              {say.home}
            </a>
          )}
        </p>
        {status >= 500 && <p class="soft small">{requestId}</p>}
      </section>
    </Page>
  )
}
