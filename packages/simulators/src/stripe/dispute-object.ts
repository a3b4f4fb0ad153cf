import type Stripe from 'stripe'
import { newId, nowS } from '../kit/ids.ts'
import type { Charge, Dispute } from './objects.ts'

const ANSWER_WITHIN_S = 9 * 86_400
const DISPUTE_FEE = 1500

/** A dispute over what is left of a charge. */
export function newDispute(charge: Charge, reason: string): Dispute {
  return {
    id: newId('dp_1'),
    object: 'dispute',
    amount: charge.amount - charge.amount_refunded,
    balance_transactions: [],
    charge: charge.id,
    created: nowS(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence,
    evidence_details: {
      due_by: nowS() + ANSWER_WITHIN_S,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      type: 'card',
      card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10.4' },
    },
    reason,
    status: 'needs_response',
  }
}

/** What a dispute takes from the account at once. */
export const withdrawal = (dispute: Dispute): Stripe.BalanceTransaction => ({
  id: newId('txn_1'),
  object: 'balance_transaction',
  amount: -dispute.amount,
  available_on: nowS(),
  balance_type: 'payments',
  created: nowS(),
  currency: dispute.currency,
  description: `Chargeback withdrawal for ${dispute.charge}`,
  exchange_rate: null,
  fee: DISPUTE_FEE,
  fee_details: [
    {
      amount: DISPUTE_FEE,
      application: null,
      currency: dispute.currency,
      description: 'Dispute fee',
      type: 'stripe_fee',
    },
  ],
  net: -dispute.amount - DISPUTE_FEE,
  reporting_category: 'dispute',
  source: dispute.id,
  status: 'available',
  type: 'adjustment',
})

const noEvidence: Dispute['evidence'] = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
}
