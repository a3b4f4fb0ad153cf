import type { DataProps } from '../pages.ts'
import { AccountPage } from '../parts/account-page.tsx'
import { ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Password } from '../parts/password.tsx'
import { Told } from './password-links.tsx'

const PATH = '/account/data'

export function DataPage({ form }: DataProps) {
  const { say } = useFrame()
  return (
    <AccountPage title={say.rooms[PATH]} room={PATH}>
      <section class="panel">
        <h2>{say.exportTitle}</h2>
        <p>{say.exportHelp}</p>
        <p class="actions">
          <a class="button quiet" href={`${PATH}/export`} download>
            {say.exportData}
          </a>
        </p>
      </section>
      <section class="panel">
        <h2>{say.eraseTitle}</h2>
        <ProblemNotice problem={form.problem} />
        <p>{say.eraseHelp}</p>
        <ul class="dashes">
          {say.eraseGoes.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        <p>{say.eraseStaysHelp}</p>
        <ul class="dashes">
          {say.eraseStays.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        <p>
          <b>{say.eraseNoWayBack}</b>
        </p>
        <form class="fields" action={PATH} method="post">
          <Password form={form} label={say.yourPassword} autocomplete="current-password" />
          <button class="button danger">{say.eraseMe}</button>
        </form>
      </section>
    </AccountPage>
  )
}

export function ErasedPage() {
  const { say } = useFrame()
  return <Told title={say.erasedTitle} help={say.erasedHelp} href="/" to={say.home} />
}
