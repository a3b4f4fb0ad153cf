import type { LettersFor } from '../letter.ts'

export const urduWelcomeLetter: LettersFor<'welcome'> = {
  welcome: ({ greeting }) => ({
    subject: 'خوش آمدید، AI Mart میں',
    heading: 'خوش آمدید، AI Mart میں',
    paragraphs: [
      greeting,
      'آپ کا اکاؤنٹ تیار ہے۔ آپ کے آرڈر میں جب بھی کچھ ہوگا ہم آپ کو لکھیں گے؛ باقی پیغامات کا فیصلہ آپ اپنے اکاؤنٹ میں کرتے ہیں۔',
    ],
  }),
}
