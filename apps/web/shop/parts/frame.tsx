import type { Money } from '@mart/contracts/money'
import { type Names, nameFor } from '@mart/contracts/names'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { countText, type Language, moneyText } from '../../ui/format.ts'
import { messagesOf } from '../../ui/messages.ts'
import type { Frame } from '../pages.ts'

export const InFrame = createContext<Frame | null>(null)

/** What the page around knows: the words, and how figures are written. */
export function useFrame() {
  const frame = useContext(InFrame)
  if (!frame) throw new Error('A part of a page stands in no frame')
  const { language } = frame
  return {
    frame,
    say: messagesOf(language),
    money: (money: Money) => moneyText(money, language),
    count: (count: number) => countText(count, language),
    /** What an order calls its goods, in the page's language where it can. */
    named: (goods: Names) => nameFor(language, goods),
    /** Of a text that may be in another language than the page. */
    inLanguage: (its: Language) =>
      its === language ? {} : { lang: its, dir: its === 'ur' ? ('rtl' as const) : ('ltr' as const) },
  }
}
