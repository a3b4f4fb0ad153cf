import type { CancelReason } from '@mart/contracts/events/order-events'
import type { PaymentMethod } from '@mart/contracts/payment-methods'
import type { LettersFor } from '../letter.ts'
import type { OrderKind } from '../order-letters.ts'
import { lineRows, oneLineAddress, totalRows } from '../order-rows.ts'

export const urduOrderLetters: LettersFor<OrderKind> = {
  order_received: ({ greeting, orderNumber, money, nameOf, data, isProven }) => ({
    subject: `آپ کا آرڈر ${orderNumber} ہمیں مل گیا`,
    heading: 'آرڈر کرنے کا شکریہ',
    paragraphs: [
      greeting,
      `آپ کا آرڈر ${orderNumber} ہمیں مل گیا ہے اور ہم آپ کا مال رکھ رہے ہیں۔ پکا ہوتے ہی ہم پھر لکھیں گے۔`,
    ],
    rows: [
      ...lineRows(data, { money, nameOf }),
      ['اشیا', money(data.subtotal)],
      ...totalRows(data, { money }, sums),
      ...(isProven ? [['کہاں پہنچے گا', oneLineAddress(data.shipping_address)] as const] : []),
    ],
  }),

  order_confirmed: ({ greeting, orderNumber, money, nameOf, data }) => ({
    subject: `آپ کا آرڈر ${orderNumber} پکا ہو گیا`,
    heading: 'آپ کا آرڈر پکا ہو گیا',
    paragraphs: [
      greeting,
      data.payment_method === 'cash_on_delivery'
        ? `آرڈر ${orderNumber} کی ہر چیز آپ کے لیے رکھ لی گئی ہے۔ پہنچنے پر براہِ کرم ${money(data.total)} تیار رکھیں۔`
        : `آپ کی ادائیگی پہنچ گئی اور آرڈر ${orderNumber} کی ہر چیز آپ کے لیے رکھ لی گئی ہے۔`,
      'جب یہ روانہ ہوگا ہم پھر لکھیں گے۔',
    ],
    rows: [...lineRows(data, { money, nameOf }), ...totalRows(data, { money }, sums)],
  }),

  order_cancelled: ({ greeting, orderNumber, money, nameOf, data }) => ({
    subject: `آپ کا آرڈر ${orderNumber} منسوخ ہو گیا`,
    heading: 'آپ کا آرڈر منسوخ ہو گیا',
    paragraphs: [
      greeting,
      `آپ کا آرڈر ${orderNumber} منسوخ ہو گیا۔ ${reasonWords[data.reason]}`,
      data.refunding
        ? `آپ کی رقم (${money(data.total)}) اسی راستے سے واپس آ رہی ہے جس سے آئی تھی۔ بینک کو چند دن لگ سکتے ہیں۔`
        : data.reason === 'refunded'
          ? `آپ کی رقم (${money(data.total)}) اسی راستے سے واپس بھیج دی گئی جس سے آئی تھی۔`
          : 'آپ کو کچھ ادا نہیں کرنا۔',
    ],
    // In a cell of its own, so that a name in English is marked as such.
    rows: data.missing.map((goods) => [nameOf(goods), 'موجود نہیں تھا']),
  }),

  order_shipped: ({ greeting, orderNumber, data }) => ({
    subject: `آپ کا آرڈر ${orderNumber} راستے میں ہے`,
    heading: 'آپ کا آرڈر راستے میں ہے',
    paragraphs: [greeting, `آپ کا آرڈر ${orderNumber} ہمارے ہاں سے روانہ ہو گیا ہے۔`],
    rows: [
      ['کوریئر', data.carrier],
      ['ٹریکنگ نمبر', data.tracking_number],
    ],
  }),

  order_delivered: ({ greeting, orderNumber, money, data }) => ({
    subject: `آپ کا آرڈر ${orderNumber} پہنچ گیا`,
    heading: 'آپ کا آرڈر پہنچ گیا',
    paragraphs: [
      greeting,
      `آپ کا آرڈر ${orderNumber} پہنچ گیا۔${data.collected ? ` کوریئر کو ${money(data.collected)} نقد ملے۔` : ''}`,
      'امید ہے کہ آپ کو پسند آئے گا۔',
    ],
  }),

  order_undelivered: ({ greeting, orderNumber, data }) => ({
    subject: `آپ کا آرڈر ${orderNumber} پہنچایا نہ جا سکا`,
    heading: 'ہم آپ کا آرڈر پہنچا نہ سکے',
    paragraphs: [
      greeting,
      `کوریئر آپ کا آرڈر ${orderNumber} حوالے نہ کر سکا: ${data.reason}`,
      'یہ ہمارے پاس واپس آ رہا ہے۔ اگر آپ کو اب بھی چاہیے تو اس ای میل کا جواب دیں۔',
    ],
  }),

  order_address_changed: ({ greeting, orderNumber }) => ({
    subject: `آپ کا آرڈر ${orderNumber} دوسرے پتے پر جائے گا`,
    heading: 'ترسیل کا پتا بدل دیا گیا',
    paragraphs: [
      greeting,
      `آپ کے آرڈر ${orderNumber} کی ترسیل کا پتا بدل دیا گیا، جیسا کہ آپ نے یا آرڈر کا لنک رکھنے والے کسی شخص نے کہا۔ یہ کہاں جائے گا، آرڈر کے صفحے پر دیکھیں۔`,
      'اگر یہ آپ نے نہیں کیا تو اس ای میل کا فوراً جواب دیں۔',
    ],
  }),
}

export const urduPaymentWords: Record<PaymentMethod, string> = {
  cash_on_delivery: 'پہنچنے پر نقد',
  payfast: 'PayFast',
  stripe: 'کارڈ',
}

const sums = { delivery: 'ترسیل', total: 'کل', payment: 'ادائیگی', methods: urduPaymentWords }

const reasonWords: Record<CancelReason, string> = {
  customer_request: 'آپ نے یہ کہا تھا۔',
  staff_request: 'ہمارے عملے کو اسے منسوخ کرنا پڑا: وجہ معلوم نہ ہو تو براہِ کرم ہمیں لکھیں۔',
  out_of_stock: 'معذرت: جو کچھ آپ چاہتے تھے وہ سب موجود نہیں تھا۔',
  payment_timeout: 'ادائیگی وقت پر نہیں پہنچی۔',
  payment_failed: 'ادائیگی کامیاب نہیں ہوئی۔',
  refunded: 'رقم واپس کر دی گئی۔',
}
