import type { LettersFor } from '../letter.ts'

export const urduStockAlertLetter: LettersFor<'back_in_stock'> = {
  back_in_stock: ({ greeting, data: { name, url } }) => ({
    subject: `دوبارہ دستیاب: ${name}`,
    heading: 'اب یہ دوبارہ خریدا جا سکتا ہے',
    paragraphs: [
      greeting,
      `${name} دوبارہ آ گیا ہے۔ ہم اسے آپ کے لیے رکھ نہیں سکتے: جو پہلے آرڈر کرے اسی کا ہے۔`,
      'یہ ای میل آپ کو اس لیے ملی کہ دکان میں کسی نے ہمیں اس پتے پر لکھنے کو کہا۔ اس بارے میں یہ ایک ہی ای میل ہے: کچھ منسوخ کرنے کی ضرورت نہیں۔',
    ],
    ...(url && { link: { label: 'دکان میں دیکھیں', url } }),
  }),
}
