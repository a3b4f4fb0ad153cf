import type { ComponentChildren } from 'preact'
import { useFrame } from './frame.tsx'
import { Page } from './page.tsx'

const rooms = [
  '/account',
  '/account/details',
  '/account/addresses',
  '/account/notifications',
  '/account/second-factor',
  '/account/data',
] as const
export type Room = (typeof rooms)[number]

interface AccountPageProps {
  readonly title: string
  readonly room: Room
  /** What has just been done. */
  readonly done?: string | null
  readonly children: ComponentChildren
}

/** A page of the account: the way to the others, then what is its own. */
export function AccountPage({ title, room, done, children }: AccountPageProps) {
  const { say } = useFrame()
  return (
    <Page title={title}>
      <div class="account">
        <nav class="rooms" aria-label={say.roomsTitle}>
          <ul>
            {rooms.map((one) => (
              <li key={one}>
                <a href={one} aria-current={one === room ? 'page' : undefined}>
                  {say.rooms[one]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="room">
          <h1>{title}</h1>
          <DoneNotice text={done} />
          {children}
        </div>
      </div>
    </Page>
  )
}

/** The page of a list that was asked for is none: what follows is the first one. */
export function FromStart({ isSo }: { isSo: boolean }) {
  const { say } = useFrame()
  return isSo ? (
    <p class="notice warning" role="status">
      {say.filterProblems.unknown}
    </p>
  ) : null
}

/** What has just been done, said once. */
export function DoneNotice({ text }: { text: string | null | undefined }) {
  return text ? (
    <p class="notice" role="status">
      {text}
    </p>
  ) : null
}
