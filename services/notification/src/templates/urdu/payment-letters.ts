import type { LettersFor } from '../letter.ts'
import { urduPaymentWords } from './order-letters.ts'

export const urduPaymentLetters: LettersFor<'payment_link' | 'payment_refunded'> = {
  payment_link: ({ greeting, orderNumber, money, data }) => ({
    subject: `براہِ کرم آرڈر ${orderNumber} کی ادائیگی کریں`,
    heading: 'آپ کا آرڈر ادائیگی کا منتظر ہے',
    paragraphs: [
      greeting,
      `آپ کا مال رکھ لیا گیا ہے۔ آرڈر ${orderNumber} مکمل کرنے کے لیے براہِ کرم ${money(data.amount)} ادا کریں۔ اگر آپ ادا کر چکے ہیں تو کچھ نہیں کرنا۔`,
    ],
    link: { label: 'ابھی ادا کریں', url: data.url },
  }),

  payment_refunded: ({ greeting, orderNumber, money, data }) => ({
    subject: `آرڈر ${orderNumber} کی رقم واپس آ رہی ہے`,
    heading: 'آپ کی رقم واپس آ رہی ہے',
    paragraphs: [
      greeting,
      `ہم نے ${data.return_id ? `آرڈر ${orderNumber} میں سے واپس کی گئی چیزوں` : `آرڈر ${orderNumber}`} کے ${money(data.refunded)} واپس بھیج دیے ہیں، جس راستے سے آئے تھے (${urduPaymentWords[data.method]})۔ بینک میں دکھائی دینے میں چند دن لگ سکتے ہیں۔`,
    ],
  }),
}
