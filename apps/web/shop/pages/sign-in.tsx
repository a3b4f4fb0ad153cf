import type { Ended, SignInProps } from '../pages.ts'
import { DoneNotice } from '../parts/account-page.tsx'
import { Field, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'
import { Password } from '../parts/password.tsx'

export function SignInPage(props: SignInProps) {
  const { say } = useFrame()
  const { form, next, asksCode, isReset, ended } = props
  const mayOrderAsGuest = isOfCheckout(props)
  if (asksCode) return <SecondStep {...props} />
  return (
    <Page title={say.signInTitle}>
      <div class="narrow fields">
        <form class="fields" action="/sign-in" method="post">
          <h1>{say.signInTitle}</h1>
          <DoneNotice text={isReset ? say.passwordReset : null} />
          {ended && <EndedNotice ended={ended} next={next} />}
          <ProblemNotice problem={form.problem} />
          {next.startsWith('/orders/') && (ended ?? 'nothing') === 'nothing' && (
            <p class="notice">{say.guestOrderHint}</p>
          )}
          <input type="hidden" name="next" value={next} />
          {ended && <input type="hidden" name="ended" value={ended} />}
          <Email form={form} />
          <Password form={form} label={say.password} autocomplete="current-password" />
          <button class="button wide">{say.signIn}</button>
          <p>
            <a href="/forgot">{say.forgotten}</a>
          </p>
          <p>
            {say.noAccount} <a href={`/sign-up?next=${encodeURIComponent(next)}`}>{say.signUp}</a>
          </p>
        </form>
        {mayOrderAsGuest && (
          <form action="/checkout/as-guest" method="post">
            <button class="button quiet wide">{say.asGuest}</button>
          </form>
        )}
      </div>
    </Page>
  )
}

const isOfCheckout = ({ ended, next }: Pick<SignInProps, 'ended' | 'next'>) => ended === 'typed' && next === '/checkout'

/** What came of the form that was sent, and the way on. */
function EndedNotice({ ended, next }: { readonly ended: Ended; readonly next: string }) {
  const { frame, say } = useFrame()
  const other = ended === 'other' ? frame.person : null
  return (
    <div class="notice warning" role="status">
      <p>
        {other
          ? say.otherSignedIn(other.name)
          : isOfCheckout({ ended, next })
            ? say.checkoutEnded
            : say.ended[ended === 'typed' ? 'typed' : 'nothing']}
      </p>
      {other && <a href={next}>{say.goOnAs(other.name)}</a>}
    </div>
  )
}

/** The code of an app, or a recovery code in its place. */
function SecondStep({ form, next }: SignInProps) {
  const { say } = useFrame()
  const known = (
    <>
      <input type="hidden" name="next" value={next} />
      <input type="hidden" name="email" value={form.values['email']} />
      <input type="hidden" name="twoFactorToken" value={form.values['twoFactorToken']} />
    </>
  )
  return (
    <Page title={say.signInTitle}>
      <div class="narrow">
        <h1>{say.secondStepTitle}</h1>
        <ProblemNotice problem={form.problem} />
        <form class="fields" action="/sign-in" method="post">
          {known}
          <Field
            form={form}
            name="code"
            label={say.code}
            hint={say.codeHint}
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength={10}
            required
          />
          <button class="button wide">{say.signIn}</button>
        </form>
        <details class="more" open={'recovery' in form.faults}>
          <summary>{say.noApp}</summary>
          <form class="fields" action="/sign-in" method="post">
            {known}
            <Field
              form={form}
              name="recovery"
              label={say.recoveryCode}
              hint={say.recoveryHint}
              autocomplete="off"
              maxlength={40}
              required
            />
            <button class="button quiet wide">{say.useRecoveryCode}</button>
          </form>
        </details>
        <p>
          <a href={`/sign-in?next=${encodeURIComponent(next)}`}>{say.otherAccount}</a>
        </p>
      </div>
    </Page>
  )
}

export function SignUpPage({ form, next }: SignInProps) {
  const { say } = useFrame()
  return (
    <Page title={say.signUpTitle}>
      <form class="narrow fields" action="/sign-up" method="post">
        <h1>{say.signUpTitle}</h1>
        <ProblemNotice problem={form.problem} />
        <input type="hidden" name="next" value={next} />
        <Field form={form} name="name" label={say.yourName} autocomplete="name" maxlength={100} required />
        <Email form={form} />
        <Password form={form} label={say.password} autocomplete="new-password" hint={say.newPasswordHint} />
        <button class="button wide">{say.signUp}</button>
        <p>
          {say.hasAccount} <a href={`/sign-in?next=${encodeURIComponent(next)}`}>{say.signIn}</a>
        </p>
      </form>
    </Page>
  )
}

const Email = ({ form }: Pick<SignInProps, 'form'>) => (
  <Field
    form={form}
    name="email"
    label={useFrame().say.email}
    type="email"
    autocomplete="username"
    maxlength={254}
    required
  />
)
