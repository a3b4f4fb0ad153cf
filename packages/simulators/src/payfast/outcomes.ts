/** What a try to pay comes to; `later` is what a time-out or a pending one turns into by itself. */
export type Outcome = { code: string; later?: string }

const messages: Record<string, string> = {
  '000': 'Success',
  '00': 'Success',
  '001': 'Pending',
  '002': 'Time Out',
  '03': 'You have entered an Inactive Account',
  '54': 'Card Expired',
  '55': 'You have entered an Invalid OTP/PIN',
  '97': 'Dear Customer, you have an Insufficient Balance to proceed',
  '106': 'Dear Customer, your transaction Limit has been exceeded',
  '901': 'Transaction cancelled by customer',
  '9000': 'Rejected by FRMS',
}

/** The buttons of the hosted page. */
export const outcomes: Readonly<Record<string, Outcome & { does: string }>> = {
  success: { code: '000', does: 'Pay' },
  alternate_success: { code: '00', does: 'Pay, said as 00' },
  insufficient_balance: { code: '97', does: 'Insufficient balance' },
  wrong_otp: { code: '55', does: 'Wrong OTP' },
  limit_exceeded: { code: '106', does: 'Limit exceeded' },
  card_expired: { code: '54', does: 'Card expired' },
  fraud: { code: '9000', does: 'Rejected as fraud' },
  time_out: { code: '002', does: 'Time-out, until the control says more' },
  time_out_then_success: { code: '002', later: '000', does: 'Time-out, paid after ten seconds' },
  time_out_then_failure: { code: '002', later: '97', does: 'Time-out, failed after ten seconds' },
  pending: { code: '001', does: 'Pending, until the control says more' },
  pending_then_success: { code: '001', later: '000', does: 'Pending, paid after ten seconds' },
  cancel: { code: '901', does: 'Cancel' },
}

export const messageOf = (code: string): string => messages[code] ?? 'Unable to process'
export const isSuccess = (code: string): boolean => code === '000' || code === '00'
/** Not the end of it: PayFast itself does not know yet. */
export const isOpen = (code: string): boolean => code === '001' || code === '002'
