import { timeText } from '../../ui/format.ts'
import type { NotificationsProps } from '../pages.ts'
import { AccountPage, FromStart } from '../parts/account-page.tsx'
import { OfPerson } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'

const PATH = '/account/notifications'
const choices = ['order_updates', 'marketing'] as const

export function NotificationsPage({ preferences, messages, nextCursor, isFromStart, isSaved }: NotificationsProps) {
  const { frame, say } = useFrame()
  return (
    <AccountPage title={say.rooms[PATH]} room={PATH} done={isSaved ? say.preferencesSaved : null}>
      <section class="panel">
        <h2>{say.whatWeMail}</h2>
        <p class="soft">{say.alwaysMailed}</p>
        <form action={PATH} method="post">
          <OfPerson />
          {choices.map((name) => (
            <label key={name} class="check">
              <input type="checkbox" name={name} checked={preferences[name]} />
              <span>{say.mailChoices[name]}</span>
            </label>
          ))}
          <div class="actions">
            <button class="button">{say.saveChoices}</button>
          </div>
        </form>
      </section>
      <section class="panel">
        <h2>{say.messagesSent}</h2>
        <FromStart isSo={isFromStart} />
        {messages.length === 0 ? (
          <p class="soft">{say.noMessages}</p>
        ) : (
          <ul class="messages">
            {messages.map(({ id, kind, subject, order_id, at, status }) => (
              <li key={id}>
                <span>{order_id ? <a href={`/orders/${order_id}`}>{subject ?? kind}</a> : (subject ?? kind)}</span>
                <span class="soft small">
                  <time datetime={at}>{timeText(at, frame.language)}</time> · {say.messageStatuses[status]}
                </span>
              </li>
            ))}
          </ul>
        )}
        {nextCursor && (
          <p class="pages">
            <a class="button quiet" href={`${PATH}?cursor=${encodeURIComponent(nextCursor)}`}>
              {say.more}
            </a>
          </p>
        )}
      </section>
    </AccountPage>
  )
}
