import type { SignInProps } from '../pages.ts'
import { Field, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'

export function SignInPage({ form, next, asksCode }: SignInProps) {
  const { say } = useFrame()
  return (
    <Page title={say.signInTitle}>
      <form class="narrow fields" action="/sign-in" method="post">
        <h1>{say.signInTitle}</h1>
        <ProblemNotice problem={form.problem} />
        <input type="hidden" name="next" value={next} />
        {asksCode ? (
          <>
            <input type="hidden" name="twoFactorToken" value={form.values['twoFactorToken']} />
            <Field
              form={form}
              name="code"
              label={say.code}
              inputmode="numeric"
              autocomplete="one-time-code"
              maxlength={6}
              required
            />
          </>
        ) : (
          <>
            <Field
              form={form}
              name="email"
              label={say.email}
              type="email"
              autocomplete="username"
              maxlength={254}
              required
            />
            <Password form={form} autocomplete="current-password" />
          </>
        )}
        <button class="button wide">{say.signIn}</button>
        <p>
          {say.noAccount} <a href={`/sign-up?next=${encodeURIComponent(next)}`}>{say.signUp}</a>
        </p>
      </form>
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
        <Field
          form={form}
          name="email"
          label={say.email}
          type="email"
          autocomplete="username"
          maxlength={254}
          required
        />
        <Password form={form} autocomplete="new-password" hint={say.newPasswordHint} />
        <button class="button wide">{say.signUp}</button>
        <p>
          {say.hasAccount} <a href={`/sign-in?next=${encodeURIComponent(next)}`}>{say.signIn}</a>
        </p>
      </form>
    </Page>
  )
}

type PasswordProps = Pick<SignInProps, 'form'> & { readonly autocomplete: string; readonly hint?: string }

/** Never given back: whoever looks at the page's source must not find it. */
function Password({ form, autocomplete, hint }: PasswordProps) {
  const { say } = useFrame()
  return (
    <Field
      form={{ ...form, values: {} }}
      name="password"
      label={say.password}
      type="password"
      maxlength={128}
      autocomplete={autocomplete}
      required
      {...(hint && { hint })}
    />
  )
}
