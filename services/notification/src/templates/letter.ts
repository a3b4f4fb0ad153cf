import type { MessageKind } from '@mart/contracts/http/notification-shapes'
import type { Money } from '@mart/contracts/money'
import type { Names } from '@mart/contracts/names'
import type { Letter } from '@mart/service-kit/mail-letter'
import type { MessageData } from '../message.ts'

/** What a template is given. */
export interface Facts<Kind extends MessageKind> {
  readonly data: MessageData[Kind]
  readonly orderNumber: string
  /** "Hello Ayesha," in his language. */
  readonly greeting: string
  /** The recipient may read what was typed in by whoever placed the order: addresses, for one. */
  readonly isProven: boolean
  /** An amount for people, in their language. */
  readonly money: (amount: Money) => string
  /** What goods are called in it, or else in English. */
  readonly nameOf: (goods: Names) => string
}

export type LettersFor<Kind extends MessageKind> = { readonly [K in Kind]: (facts: Facts<K>) => Letter }
