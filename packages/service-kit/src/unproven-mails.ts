/** Mails in the last hour and the last day. */
export interface MailCount {
  readonly hour: number
  readonly day: number
}

/**
 * What may go to an address that nobody has proven to be his: together at most 10 mails an hour and 30 a day, of which
 * the links to prove it are the user service's.
 */
export const unprovenLimits = {
  user: { hour: 3, day: 10 },
  notification: { hour: 7, day: 20 },
} as const satisfies Record<string, MailCount>

/** The mailbox that an address leads to, as far as it shows: "Ayesha+Shop@Example.com" is "ayesha@example.com". */
export const mailboxOf = (address: string): string => address.toLowerCase().replace(/\+[^@]*@/, '@')

/**
 * Which of these mails, in their order, would be more than `limit` for their mailbox, after the others that went there
 * lately (`before`).
 */
export function beyondLimit<Mail>(
  mails: readonly Mail[],
  {
    mailbox,
    before,
    limit,
  }: { mailbox: (mail: Mail) => string; before: ReadonlyMap<string, MailCount>; limit: MailCount },
): Set<Mail> {
  const taken = new Map<string, number>()
  return new Set(
    mails.filter((mail) => {
      const box = mailbox(mail)
      const { hour, day } = before.get(box) ?? { hour: 0, day: 0 }
      const more = (taken.get(box) ?? 0) + 1
      const isBeyond = hour + more > limit.hour || day + more > limit.day
      if (!isBeyond) taken.set(box, more)
      return isBeyond
    }),
  )
}
