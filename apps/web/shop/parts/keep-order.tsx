import type { KeepProps } from '../pages.ts'
import { ProblemNotice } from './fields.tsx'
import { useFrame } from './frame.tsx'
import { Password } from './password.tsx'

export function KeepOrder({ id, how, email, form }: KeepProps & { readonly id: string }) {
  const { say } = useFrame()
  return (
    <section class="panel" aria-labelledby="keep-title">
      <h2 id="keep-title">{say.keepTitle}</h2>
      {how === 'prove' ? (
        <p>
          {say.keepProve(email)} <a href="/account/details">{say.rooms['/account/details']}</a>
        </p>
      ) : (
        <form action={`/orders/${id}/keep`} method="post">
          <p class="measure">{how === 'claim' ? say.keepClaim : say.keepHelp(email)}</p>
          <ProblemNotice problem={form.problem} />
          {form.problem === 'has_account' && (
            <p>
              <a href={`/sign-in?next=${encodeURIComponent(`/orders/${id}`)}`}>{say.signIn}</a>
            </p>
          )}
          {how === 'sign_up' && (
            <div class="fields">
              <Password form={form} label={say.password} autocomplete="new-password" hint={say.newPasswordHint} />
            </div>
          )}
          <div class="actions">
            <button class="button quiet">{say.keepOrder}</button>
          </div>
        </form>
      )}
    </section>
  )
}
