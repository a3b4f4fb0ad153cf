import type { LettersFor } from './letter.ts'

export const stockAlertLetter: LettersFor<'back_in_stock'> = {
  back_in_stock: ({ greeting, nameOf, data }) => ({
    subject: `Back in stock: ${nameOf(data)}`,
    heading: 'It can be bought again',
    paragraphs: [
      greeting,
      `${nameOf(data)} is back. We cannot keep it for you: who orders first has it.`,
      'You get this mail because somebody asked us in the shop to write to this address. It is the only one about it: there is nothing to cancel.',
    ],
    ...(data.url && { link: { label: 'See it in the shop', url: data.url } }),
  }),
}
