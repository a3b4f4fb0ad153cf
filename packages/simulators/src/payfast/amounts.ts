const amount = /^(\d{1,9})(?:\.(\d{1,2}))?$/

/** Rupees as they are sent, in paisa; undefined for what is no amount above zero. */
export function toPaisa(text: string | undefined): number | undefined {
  const [, rupees, paisa = ''] = amount.exec(text ?? '') ?? []
  if (rupees === undefined) return undefined
  return Number(rupees) * 100 + Number(paisa.padEnd(2, '0')) || undefined
}

/** Paisa as PayFast writes them: 1500.00. */
export const inRupees = (paisa: number): string => `${Math.floor(paisa / 100)}.${String(paisa % 100).padStart(2, '0')}`
