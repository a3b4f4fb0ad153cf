import type { DetailsProps } from '../pages.ts'
import { AccountPage } from '../parts/account-page.tsx'
import { Fault, Field, faultMarks, OfPerson, PhoneField, ProblemNotice, useFault } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Password } from '../parts/password.tsx'

const PATH = '/account/details'

export function DetailsPage(props: DetailsProps) {
  const { say } = useFrame()
  return (
    <AccountPage title={say.rooms[PATH]} room={PATH} done={props.done && say.detailsDone[props.done]}>
      <Profile form={props.profile} />
      <EmailAddress {...props} />
      <section class="panel">
        <h2>{say.password}</h2>
        <ProblemNotice problem={props.password.problem} />
        <form class="fields" action={PATH} method="post">
          <input type="hidden" name="do" value="password" />
          <Password
            form={props.password}
            name="currentPassword"
            label={say.currentPassword}
            autocomplete="current-password"
          />
          <Password
            form={props.password}
            name="newPassword"
            label={say.newPassword}
            autocomplete="new-password"
            hint={say.newPasswordHint}
          />
          <p class="hint">{say.changePasswordHelp}</p>
          <button class="button quiet">{say.changePassword}</button>
        </form>
      </section>
    </AccountPage>
  )
}

function Profile({ form }: { form: DetailsProps['profile'] }) {
  const { say } = useFrame()
  const fault = useFault(form, 'language')
  return (
    <section class="panel">
      <h2>{say.who}</h2>
      <ProblemNotice problem={form.problem} />
      <form class="fields" action={PATH} method="post">
        <OfPerson />
        <input type="hidden" name="do" value="profile" />
        <Field form={form} name="name" label={say.yourName} autocomplete="name" maxlength={100} required />
        <PhoneField form={form} label={say.optionalPhone} />
        <label class="field">
          <span>{say.ownLanguage}</span>
          <select name="language" {...faultMarks(fault)}>
            {Object.entries(say.languages).map(([code, name]) => (
              <option key={code} value={code} lang={code} selected={form.values['language'] === code}>
                {name}
              </option>
            ))}
          </select>
          <Fault {...fault} />
        </label>
        <button class="button">{say.saveDetails}</button>
      </form>
    </section>
  )
}

function EmailAddress({ email: form, address, isProven }: DetailsProps) {
  const { say } = useFrame()
  return (
    <section class="panel">
      <h2>{say.email}</h2>
      <ProblemNotice problem={form.problem} />
      <p class="long">
        <b>{address}</b>
      </p>
      {isProven ? (
        <p class="soft">{say.isProven}</p>
      ) : (
        <form class="notice warning" action={PATH} method="post">
          <input type="hidden" name="do" value="link" />
          <p>{say.isNotProven}</p>
          <button class="button quiet">{say.sendLinkAgain}</button>
        </form>
      )}
      <form class="fields" action={PATH} method="post">
        <OfPerson />
        <input type="hidden" name="do" value="email" />
        <Field
          form={form}
          name="newEmail"
          label={say.newEmail}
          hint={say.newEmailHint}
          type="email"
          autocomplete="email"
          maxlength={254}
          required
        />
        <button class="button quiet">{say.changeEmail}</button>
      </form>
    </section>
  )
}
