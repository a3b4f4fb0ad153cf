import { decimals, largestCharge } from './currencies.ts'
import { invalidRequest } from './errors.ts'
import { expandParameter, listParameters } from './lists.ts'
import { choice, currency, fields, integer, list, metadata, type Parser, text, url } from './parameters.ts'

const priceFields = fields({
  required: {
    currency,
    unit_amount: integer({ least: 0 }),
    product_data: fields({
      required: { name: text() },
      optional: { description: text(), images: list(url, { most: 8 }), metadata },
      notSimulated: ['tax_code', 'tax_details', 'unit_label'],
    }),
  },
  optional: {},
  notSimulated: ['product', 'recurring', 'tax_behavior', 'unit_amount_decimal'],
})

const priceData: typeof priceFields = (value, path) => {
  const price = priceFields(value, path)
  integer({ least: 0, most: largestCharge(price.currency) })(String(price.unit_amount), `${path}[unit_amount]`)
  if (decimals(price.currency) === 3 && price.unit_amount % 10 !== 0)
    throw invalidRequest(`Invalid amount: ${price.currency.toUpperCase()} amounts must be divisible by 10.`, {
      code: 'parameter_invalid_integer',
      param: `${path}[unit_amount]`,
    })
  return price
}

const lineItem = fields({
  required: { quantity: integer({ least: 1, most: 999_999 }), price_data: priceData },
  optional: { metadata },
  notSimulated: ['price', 'adjustable_quantity', 'tax_rates'],
})

const paymentIntentData = fields({
  required: {},
  optional: { description: text(), metadata, receipt_email: text(), statement_descriptor_suffix: text({ most: 22 }) },
  notSimulated: [
    'application_fee_amount',
    'capture_method',
    'on_behalf_of',
    'setup_future_usage',
    'shipping',
    'statement_descriptor',
    'transfer_data',
    'transfer_group',
  ],
})

const paymentMode: Parser<'payment'> = (value, path) => {
  const mode = choice('payment', 'setup', 'subscription')(value, path)
  if (mode !== 'payment') throw invalidRequest(`This simulator knows no mode ${mode}, only payment.`, { param: path })
  return mode
}

const hostedPage: Parser<'hosted_page'> = (value, path) => {
  const mode = choice('elements', 'embedded_page', 'form', 'hosted_page')(value, path)
  if (mode !== 'hosted_page') throw invalidRequest(`This simulator shows hosted pages only.`, { param: path })
  return mode
}

export const createParameters = fields({
  required: { mode: paymentMode, line_items: list(lineItem), success_url: url },
  optional: {
    ...expandParameter,
    allowed_payment_method_types: list(text()),
    cancel_url: url,
    client_reference_id: text({ most: 200 }),
    customer_email: text({ most: 800 }),
    excluded_payment_method_types: list(text()),
    expires_at: integer({ least: 0 }),
    locale: text({ most: 10 }),
    metadata,
    payment_intent_data: paymentIntentData,
    submit_type: choice('auto', 'book', 'donate', 'pay', 'subscribe'),
    ui_mode: hostedPage,
  },
  notSimulated:
    `adaptive_pricing after_expiration allow_promotion_codes automatic_tax billing_address_collection branding_settings
    consent_collection currency custom_fields custom_text customer customer_account customer_creation customer_update
    discounts integration_identifier invoice_creation managed_payments name_collection optional_items origin_context
    payment_method_collection payment_method_configuration payment_method_data payment_method_options permissions
    phone_number_collection redirect_on_completion return_url saved_payment_method_options setup_intent_data
    shipping_address_collection shipping_options subscription_data tax_id_collection wallet_options`.split(/\s+/),
})

export type CreateSession = ReturnType<typeof createParameters>

export const listSessionsParameters = fields({
  required: {},
  optional: { ...listParameters, payment_intent: text(), status: choice('open', 'complete', 'expired') },
  notSimulated: ['customer', 'customer_account', 'customer_details', 'payment_link', 'subscription'],
})
