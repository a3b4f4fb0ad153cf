/** PayFast's addresses on simulators that a service reaches at `url`, a browser at `publicUrl`. */
export const payfastAddresses = (url: string, publicUrl = url) => ({
  PAYFAST_CHECKOUT_URL: `${url}${CHECKOUT}`,
  PAYFAST_PAGE_URL: `${publicUrl}${CHECKOUT}`,
  PAYFAST_API_URL: `${url}/payfast/api`,
})

const CHECKOUT = '/payfast/Ecommerce/api/Transaction'
