export type Decline = { code: string; decline_code?: string; message: string }

export type TestCard = {
  number: string
  brand: 'visa' | 'mastercard'
  does: string
  decline?: Decline
  asksChallenge?: true
  /** Its payments are disputed for this reason a little later. */
  disputed?: string
  refunds?: 'pending_then_succeed' | 'succeed_then_fail'
}

/** Stripe's own test numbers, with the behaviour that Stripe documents for each. */
export const testCards: TestCard[] = [
  { number: '4242424242424242', brand: 'visa', does: 'pays' },
  { number: '5555555555554444', brand: 'mastercard', does: 'pays' },
  {
    number: '4000000000000002',
    brand: 'visa',
    does: 'is declined',
    decline: { code: 'card_declined', decline_code: 'generic_decline', message: 'Your card was declined.' },
  },
  {
    number: '4000000000009995',
    brand: 'visa',
    does: 'has insufficient funds',
    decline: {
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds. Try a different card.',
    },
  },
  {
    number: '4000000000000069',
    brand: 'visa',
    does: 'has expired',
    decline: { code: 'expired_card', message: 'Your card has expired. Try a different card.' },
  },
  { number: '4000002500003155', brand: 'visa', does: 'asks for 3-D Secure', asksChallenge: true },
  {
    number: '4000000000007726',
    brand: 'visa',
    does: 'pays; its refunds wait, then succeed',
    refunds: 'pending_then_succeed',
  },
  { number: '4000000000005126', brand: 'visa', does: 'pays; its refunds fail later', refunds: 'succeed_then_fail' },
  { number: '4000000000000259', brand: 'visa', does: 'pays; is disputed as fraudulent', disputed: 'fraudulent' },
]

const notATestCard: Decline = {
  code: 'card_declined',
  decline_code: 'test_mode_live_card',
  message:
    'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
}

/** The card behind what a buyer typed; nothing where it is no card number at all. */
export function findCard(typed: string): TestCard | undefined {
  const number = typed.replaceAll(/[\s-]/g, '')
  const known = testCards.find((card) => card.number === number)
  if (known || !passesLuhn(number)) return known
  return { number, brand: 'visa', does: 'is no test card', decline: notATestCard }
}

export function cardEndingIn(last4: string): TestCard | undefined {
  return testCards.find((card) => card.number.endsWith(last4))
}

function passesLuhn(number: string): boolean {
  if (!/^\d{13,19}$/.test(number)) return false
  const digits = [...number].reverse().map((digit, place) => Number(digit) * (place % 2 === 1 ? 2 : 1))
  return digits.reduce((sum, digit) => sum + (digit > 9 ? digit - 9 : digit), 0) % 10 === 0
}
