/** Why a payment was refused, in words that all providers share: what a metric may have as a label. */
export const refusalReasons = [
  'insufficient_funds',
  'card_declined',
  'expired_card',
  'wrong_details',
  'authentication_failed',
  'limit_exceeded',
  'account_blocked',
  'suspected_fraud',
  'buyer_cancelled',
  'provider_fault',
  'sum_not_taken',
  'amount_differs',
  'expired',
  'other',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** Stripe's decline codes and error codes; PayFast's status codes (payfast-news.ts says what each means). */
const codes: Readonly<Partial<Record<RefusalReason, string>>> = {
  insufficient_funds: 'insufficient_funds 97',
  card_declined: `card_declined generic_decline do_not_honor call_issuer card_not_supported currency_not_supported
    no_action_taken not_permitted service_not_allowed stop_payment_order transaction_not_allowed try_again_later
    880 881 882 883`,
  expired_card: 'expired_card 54',
  wrong_details: `incorrect_number incorrect_cvc incorrect_zip incorrect_address invalid_cvc invalid_expiry_month
    invalid_expiry_year invalid_number invalid_account 41 42 104 126 308 812 853`,
  authentication_failed: `authentication_required payment_intent_authentication_failure incorrect_pin invalid_pin
    offline_pin_required online_or_offline_pin_required pin_try_exceeded 55 75 309 600 802 806 807`,
  limit_exceeded: 'card_velocity_exceeded withdrawal_count_limit_exceeded 106',
  account_blocked: 'restricted_card 03 04 14 15 359 537',
  suspected_fraud: 'fraudulent lost_card stolen_card merchant_blacklist pickup_card security_violation 9000 9010',
  buyer_cancelled: '529 901',
  provider_fault: 'processing_error issuer_not_available 90 401 423',
  sum_not_taken: 'invalid_amount amount_too_small amount_too_large 13',
}

const byCode = new Map(
  Object.entries(codes).flatMap(([reason, all]) =>
    all.split(/\s+/).map((code): [string, RefusalReason] => [code, reason as RefusalReason]),
  ),
)

/** What a provider's code means; `other` for one that we do not know. */
export const refusalReasonOf = (code: string | undefined): RefusalReason => byCode.get(code ?? '') ?? 'other'
