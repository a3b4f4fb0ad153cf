import type { LettersFor } from './letter.ts'

export const welcomeLetter: LettersFor<'welcome'> = {
  welcome: ({ greeting }) => ({
    subject: 'Welcome to AI Mart',
    heading: 'Welcome to AI Mart',
    paragraphs: [
      greeting,
      'Your account is ready. We write to you when something happens to an order of yours; in your preferences you decide about the rest.',
    ],
  }),
}
