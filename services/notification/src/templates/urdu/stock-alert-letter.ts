import type { LettersFor } from '../letter.ts'

export const urduStockAlertLetter: LettersFor<'back_in_stock'> = {
  back_in_stock: ({ greeting, nameOf, data }) => ({
    subject: `دوبارہ دستیاب: ${nameOf(data)}`,
    heading: 'اب یہ دوبارہ خریدا جا سکتا ہے',
    paragraphs: [
      greeting,
      nameOf(data),
      'یہ دوبارہ آ گیا ہے۔ ہم اسے آپ کے لیے رکھ نہیں سکتے: جو پہلے آرڈر کرے اسی کا ہے۔',
      'یہ ای میل آپ کو اس لیے ملی کہ دکان میں کسی نے ہمیں اس پتے پر لکھنے کو کہا۔ اس بارے میں یہ ایک ہی ای میل ہے: کچھ منسوخ کرنے کی ضرورت نہیں۔',
    ],
    ...(data.url && { link: { label: 'دکان میں دیکھیں', url: data.url } }),
  }),
}
