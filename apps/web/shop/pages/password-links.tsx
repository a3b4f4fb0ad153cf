import type { ForgotProps, ResetPasswordProps } from '../pages.ts'
import { Field, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'
import { Password } from '../parts/password.tsx'

export function ForgotPage({ form, isSent }: ForgotProps) {
  const { say } = useFrame()
  if (isSent) return <Told title={say.linkSentTitle} help={say.linkSentHelp} href="/sign-in" to={say.signIn} />
  return (
    <Page title={say.forgotTitle}>
      <form class="narrow fields" action="/forgot" method="post">
        <h1>{say.forgotTitle}</h1>
        <p>{say.forgotHelp}</p>
        <ProblemNotice problem={form.problem} />
        <Field
          form={form}
          name="email"
          label={say.email}
          type="email"
          autocomplete="username"
          maxlength={254}
          required
        />
        <button class="button wide">{say.mailLink}</button>
        <p>
          <a href="/sign-in">{say.signIn}</a>
        </p>
      </form>
    </Page>
  )
}

export function ResetPasswordPage({ form, token }: ResetPasswordProps) {
  const { say } = useFrame()
  if (token === null)
    return <Told title={say.deadLinkTitle} help={say.deadResetHelp} href="/forgot" to={say.mailLink} />
  return (
    <Page title={say.resetTitle}>
      <form class="narrow fields" action="/reset-password" method="post">
        <h1>{say.resetTitle}</h1>
        <p>{say.resetHelp}</p>
        <ProblemNotice problem={form.problem} />
        <input type="hidden" name="token" value={token} />
        <Password
          form={form}
          name="newPassword"
          label={say.newPassword}
          autocomplete="new-password"
          hint={say.newPasswordHint}
        />
        <button class="button wide">{say.setPassword}</button>
      </form>
    </Page>
  )
}

export function EmailVerifiedPage({ isProven }: { isProven: boolean }) {
  const { frame, say } = useFrame()
  if (isProven) return <Told title={say.emailProvenTitle} help={say.emailProvenHelp} href="/" to={say.goOnShopping} />
  const [href, to] = frame.person ? ['/account/details', say.rooms['/account/details']] : ['/sign-in', say.signIn]
  return <Told title={say.deadLinkTitle} help={say.deadEmailHelp} href={href} to={to} />
}

/** What happened, what it means, where to go on. */
export function Told({ title, help, href, to }: { title: string; help: string; href: string; to: string }) {
  return (
    <Page title={title}>
      <section class="empty">
        <h1>{title}</h1>
        <p>{help}</p>
        <p>
          <a class="button" href={href}>
            {to}
          </a>
        </p>
      </section>
    </Page>
  )
}
