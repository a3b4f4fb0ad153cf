import { newId, nowS } from '../kit/ids.ts'
import type { LineItem, Session } from './objects.ts'
import type { CreateSession } from './session-parameters.ts'

const DAY_S = 86_400

/** An open session as Stripe shows it, with every field of the SDK's type. */
export function newSession(
  wanted: CreateSession,
  { publicUrl, lines }: { publicUrl: string; lines: LineItem[] },
): Session {
  const id = newId('cs_test_a1', 58)
  const created = nowS()
  const total = lines.reduce((sum, line) => sum + line.amount_total, 0)
  return {
    ...emptySession,
    id,
    amount_subtotal: total,
    amount_total: total,
    allowed_payment_method_types: wanted.allowed_payment_method_types ?? null,
    cancel_url: wanted.cancel_url ?? null,
    client_reference_id: wanted.client_reference_id ?? null,
    created,
    currency: lines[0]?.currency ?? null,
    customer_email: wanted.customer_email ?? null,
    expires_at: wanted.expires_at ?? created + DAY_S,
    locale: wanted.locale ?? null,
    metadata: wanted.metadata ?? {},
    payment_method_types: paymentMethodTypes(wanted),
    submit_type: wanted.submit_type ?? null,
    success_url: wanted.success_url,
    url: `${publicUrl}/checkout/pay/${id}`,
  }
}

export function newLine({ price_data: price, quantity, metadata }: CreateSession['line_items'][number]): LineItem {
  const { currency, unit_amount: unitAmount } = price
  return {
    id: newId('li_1'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: unitAmount * quantity,
    amount_tax: 0,
    amount_total: unitAmount * quantity,
    currency,
    description: price.product_data.name,
    metadata: metadata ?? {},
    price: {
      id: newId('price_1'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: nowS(),
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: newId('prod_', 14),
      recurring: null,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: unitAmount,
      unit_amount_decimal: String(unitAmount),
    },
    quantity,
  }
}

function paymentMethodTypes({
  allowed_payment_method_types: allowed,
  excluded_payment_method_types: excluded,
}: CreateSession) {
  return ['card', 'us_bank_account'].filter((type) => (allowed?.includes(type) ?? true) && !excluded?.includes(type))
}

const emptySession = {
  object: 'checkout.session',
  adaptive_pricing: { enabled: false },
  after_expiration: null,
  allow_promotion_codes: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer: null,
  customer_account: null,
  customer_creation: 'if_required',
  customer_details: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  managed_payments: null,
  mode: 'payment',
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: 'if_required',
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_status: 'unpaid',
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: 'open',
  subscription: null,
  tax_id_collection: { enabled: false, required: 'never' },
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
  wallet_options: null,
} satisfies Partial<Session>
