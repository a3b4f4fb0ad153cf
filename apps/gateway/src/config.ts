import { currencyCodes } from '@mart/contracts/currencies'
import { serviceNames } from '@mart/contracts/services'
import { listed, processChecks, processSettings, readConfig } from '@mart/service-kit/config'
import { type Static, Type } from 'typebox'

const address = (port: number) =>
  Type.String({
    pattern: '^https?://[^/?#]+$',
    'x-must': 'must be scheme, host and port',
    default: `http://127.0.0.1:${port}`,
  })

const schema = Type.Object({
  ...processSettings,
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000 }),
  USER_SERVICE_URL: address(8000),
  PRODUCT_SERVICE_URL: address(8005),
  ORDER_SERVICE_URL: address(8003),
  INVENTORY_SERVICE_URL: address(8007),
  PAYMENT_SERVICE_URL: address(8008),
  NOTIFICATION_SERVICE_URL: address(8009),
  SHOP_URL: Type.String({ ...address(3000), description: 'where a browser reaches the shop' }),
  SHOP_CURRENCIES: Type.String({
    default: 'PKR,USD',
    description: 'that prices are shown in, the first unless one chooses',
  }),
  SHOP_COUNTRY: Type.String({ pattern: '^[A-Z]{2}$', default: 'PK' }),
  SELLER_NAME: Type.String({ maxLength: 200, default: 'AI Mart', description: 'who sells, as a receipt says it' }),
  SELLER_ADDRESS: Type.String({ maxLength: 500, default: 'Lahore, Pakistan', description: 'its lines by commas' }),
  SELLER_TAX_NUMBER: Type.String({ maxLength: 100, default: '', description: 'as in NTN 1234567-8; empty: none' }),
})
export type Config = Static<typeof schema>

/** Reads the gateway's settings. Throws ConfigError with every problem at once. */
export const readGatewayConfig = (env: NodeJS.ProcessEnv): Config =>
  readConfig(schema, env, [...processChecks, currencyProblems])

function currencyProblems({ SHOP_CURRENCIES = '' }: Partial<Config>): string[] {
  const codes = listed(SHOP_CURRENCIES)
  const strange = codes.filter((code) => !currencyCodes.includes(code))
  return codes.length === 0 || strange.length > 0
    ? [
        `SHOP_CURRENCIES: must be currencies by ISO 4217, like PKR,USD${strange.length > 0 ? `; not ${strange.join(', ')}` : ''}`,
      ]
    : []
}

/** Where each service is reached. */
export const serviceUrls = (config: Config) =>
  Object.fromEntries(
    serviceNames.map((name) => [name, config[`${name.toUpperCase()}_SERVICE_URL` as keyof Config] as string]),
  ) as Record<(typeof serviceNames)[number], string>
