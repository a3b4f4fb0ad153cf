export interface StripeSettings {
  readonly secretKey: string
  readonly webhookSecrets: readonly string[]
  readonly apiUrl: string | undefined
  readonly timeoutMs: number
  readonly publicUrl: string
}

/** No address has a slash at its end. */
export interface PayfastSettings {
  readonly merchantId: string
  readonly securedKey: string
  readonly merchantName: string
  /** Where we fetch the token of a page, and where a browser opens it. */
  readonly checkoutUrl: string
  readonly pageUrl: string
  /** Status and refunds. */
  readonly apiUrl: string
  readonly serverIp: string
  readonly timeoutMs: number
  readonly fallbackEmail: string
  readonly fallbackPhone: string
  readonly publicUrl: string
  readonly webhookUrl: string
}
