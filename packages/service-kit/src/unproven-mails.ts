/** Mails in the last hour and the last day. */
export interface MailCount {
  readonly hour: number
  readonly day: number
}

/**
 * What may go to an address that nobody has proven to be his: together at most 18 mails an hour and 40 a day. Each kind
 * has a share of its own, so that a stranger who uses up one leaves the others: of the user service the links that prove
 * an account's address, and those to an account's next one; of notification orders, and what is back in stock.
 */
export const unprovenLimits = {
  proof: { hour: 3, day: 10 },
  newAddress: { hour: 3, day: 5 },
  orders: { hour: 7, day: 20 },
  stockAlerts: { hour: 5, day: 5 },
} as const satisfies Record<string, MailCount>

/** Whose share of what may go where. */
export interface Allowance {
  readonly share: keyof typeof unprovenLimits
  readonly mailbox: string
}

/** The mailbox that an address leads to, as far as it shows: "Ayesha+Shop@Example.com" is "ayesha@example.com". */
export const mailboxOf = (address: string): string => address.toLowerCase().replace(/\+[^@]*@/, '@')

/**
 * Which of these mails, in their order, would be more than their share for their mailbox, after the others that went there
 * lately (`before`).
 */
export function beyondLimit<Mail>(
  mails: readonly Mail[],
  { allowanceOf, before }: { allowanceOf: (mail: Mail) => Allowance; before: readonly (Allowance & MailCount)[] },
): Set<Mail> {
  const nameOf = ({ share, mailbox }: Allowance) => `${share} ${mailbox}`
  const lately = new Map(before.map((one) => [nameOf(one), one]))
  const taken = new Map<string, number>()
  return new Set(
    mails.filter((mail) => {
      const allowance = allowanceOf(mail)
      const name = nameOf(allowance)
      const { hour, day } = lately.get(name) ?? { hour: 0, day: 0 }
      const limit = unprovenLimits[allowance.share]
      const more = (taken.get(name) ?? 0) + 1
      const isBeyond = hour + more > limit.hour || day + more > limit.day
      if (!isBeyond) taken.set(name, more)
      return isBeyond
    }),
  )
}
