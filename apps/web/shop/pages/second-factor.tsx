import type { SecondFactorProps } from '../pages.ts'
import { AccountPage } from '../parts/account-page.tsx'
import { Field, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Password } from '../parts/password.tsx'
import { QrCode } from '../parts/qr-code.tsx'

const PATH = '/account/second-factor'

export function SecondFactorPage(props: SecondFactorProps) {
  const { say } = useFrame()
  const { isOn, form, begun, newCodes, done } = props
  return (
    <AccountPage title={say.rooms[PATH]} room={PATH} done={done && say.secondFactorDone[done]}>
      <section class="panel">
        <h2>{isOn ? say.secondFactorOn : say.secondFactorOff}</h2>
        <ProblemNotice problem={form.problem} />
        <p>{say.secondFactorHelp}</p>
        {newCodes && <Codes codes={newCodes} />}
        {begun ? <Begun {...props} begun={begun} /> : isOn ? <On form={form} /> : <Off form={form} />}
      </section>
    </AccountPage>
  )
}

type FormProps = Pick<SecondFactorProps, 'form'>

const Off = ({ form }: FormProps) => <Asking form={form} does="begin" button={useFrame().say.turnOn} />

function On({ form }: FormProps) {
  const { say } = useFrame()
  return (
    <>
      <Asking form={form} does="codes" button={say.newCodes} />
      <details class="more" open={form.values['do'] === 'off'}>
        <summary>{say.turnOff}</summary>
        <p>{say.turnOffHelp}</p>
        <Asking form={form} does="off" button={say.turnOff} isDanger />
      </details>
    </>
  )
}

function Asking({ form, does, button, isDanger }: FormProps & { does: string; button: string; isDanger?: boolean }) {
  const { say } = useFrame()
  const own = form.values['do'] === does ? form : { ...form, faults: {} }
  return (
    <form class="fields" action={PATH} method="post">
      <input type="hidden" name="do" value={does} />
      <Password form={own} name="currentPassword" label={say.yourPassword} autocomplete="current-password" />
      <button class={isDanger ? 'button danger' : 'button'}>{button}</button>
    </form>
  )
}

/** The secret goes into the app, the codes on paper, and a code of the app turns it on. */
function Begun({ form, begun: { uri, codes } }: FormProps & { begun: NonNullable<SecondFactorProps['begun']> }) {
  const { say } = useFrame()
  const secret = new URL(uri).searchParams.get('secret') ?? ''
  return (
    <>
      <ol class="steps">
        <li>
          <p>{say.scanThis}</p>
          <QrCode text={uri} label={say.qrCode} />
          <p>{say.intoTheApp}</p>
          <p class="secret" dir="ltr">
            {secret.match(/.{1,4}/g)?.join(' ')}
          </p>
          <p>
            <a href={uri}>{say.openTheApp}</a>
          </p>
        </li>
        <li>
          <Codes codes={codes} />
        </li>
      </ol>
      <form class="fields" action={PATH} method="post">
        <input type="hidden" name="do" value="verify" />
        <input type="hidden" name="uri" value={uri} />
        <input type="hidden" name="codes" value={codes.join(' ')} />
        <Field
          form={form}
          name="code"
          label={say.code}
          hint={say.codeHint}
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength={20}
          required
        />
        <button class="button">{say.turnOn}</button>
      </form>
    </>
  )
}

function Codes({ codes }: { codes: readonly string[] }) {
  const { say } = useFrame()
  return (
    <>
      <p>{say.keepCodes}</p>
      <ul class="codes" dir="ltr">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </>
  )
}
