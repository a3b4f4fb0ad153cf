import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { type AddressObject, type EmailAddress, simpleParser } from 'mailparser'

interface Person {
  readonly Name: string
  readonly Address: string
}

/** A mail in the shape of Mailpit's API. */
export interface CaughtMail {
  readonly ID: string
  readonly MessageID: string
  readonly From: Person
  readonly To: readonly Person[]
  readonly Cc: readonly Person[]
  /** Whom the envelope names and the mail does not. */
  readonly Bcc: readonly Person[]
  readonly ReplyTo: readonly Person[]
  readonly Subject: string
  /** What the mail says. */
  readonly Date: string
  /** When it came in. */
  readonly Created: string
  readonly Text: string
  readonly HTML: string
  readonly Size: number
  readonly Attachments: readonly { FileName: string; ContentType: string; Size: number }[]
}

/** Reads a mail to its end. Throws when it can't be parsed. */
export async function readMail(
  stream: NodeJS.ReadableStream,
  envelope: readonly { address: string }[],
): Promise<CaughtMail> {
  const source = await buffer(stream)
  const mail = await simpleParser(source, { skipImageLinks: true })
  const now = new Date().toISOString()
  const named = [...people(mail.to), ...people(mail.cc)]
  const isNamed = (address: string) => named.some((person) => sameText(person.Address, address))
  return {
    ID: randomUUID(),
    MessageID: mail.messageId?.replaceAll(/[<>]/g, '') ?? '',
    From: people(mail.from)[0] ?? { Name: '', Address: '' },
    To: people(mail.to),
    Cc: people(mail.cc),
    Bcc: envelope.filter(({ address }) => !isNamed(address)).map(({ address }) => ({ Name: '', Address: address })),
    ReplyTo: people(mail.replyTo),
    Subject: mail.subject ?? '',
    Date: mail.date?.toISOString() ?? now,
    Created: now,
    Text: mail.text ?? '',
    HTML: mail.html || '',
    Size: source.byteLength,
    Attachments: mail.attachments.map((part) => ({
      FileName: part.filename ?? '',
      ContentType: part.contentType,
      Size: part.size,
    })),
  }
}

/** Whether a mail fits every term of a search such as `to:ayesha@mart.example subject:"is on its way" -cancelled`. */
export function matches(mail: CaughtMail, query: string): boolean {
  const terms = query.matchAll(/([-!]?)(?:(to|from|subject|cc|bcc|message-id):)?(?:"([^"]*)"|(\S+))/gi)
  return [...terms].every(([, not, field, quoted, word]) => {
    const text = (quoted ?? word ?? '').toLowerCase()
    const isFound = searched(mail, field?.toLowerCase()).toLowerCase().includes(text)
    return not ? !isFound : isFound
  })
}

function searched(mail: CaughtMail, field: string | undefined): string {
  switch (field) {
    case 'to':
      return [...mail.To, ...mail.Cc, ...mail.Bcc].map(written).join('\n')
    case 'from':
      return written(mail.From)
    case 'cc':
      return mail.Cc.map(written).join('\n')
    case 'bcc':
      return mail.Bcc.map(written).join('\n')
    case 'subject':
      return mail.Subject
    case 'message-id':
      return mail.MessageID
    default:
      return [mail.Subject, mail.Text, written(mail.From), ...mail.To.map(written)].join('\n')
  }
}

/** A person as a mail shows him. */
export const written = ({ Name, Address }: Person): string => (Name ? `${Name} <${Address}>` : Address)

/** The beginning of a text, on one line. */
export const snippet = (text: string, length: number): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, length)

function people(addresses: AddressObject | AddressObject[] | undefined): Person[] {
  return [addresses ?? []].flat().flatMap(({ value }) => value.flatMap(person))
}

function person({ name, address, group }: EmailAddress): Person[] {
  return group ? group.flatMap(person) : [{ Name: name, Address: address ?? '' }]
}

const sameText = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
