import { pretendsPayfast, pretendsStripe } from '@mart/local/service-environment'
import { mayPretend } from '@mart/local/settings'

/** Whether the simulator stands in for Stripe: not in production, not beside keys of Stripe's. */
export const standsInForStripe = (env: NodeJS.ProcessEnv): boolean => pretendsStripe(readKeys(env))

/** Whether the simulator stands in for PayFast: not in production, not beside a merchant id of PayFast's. */
export const standsInForPayfast = (env: NodeJS.ProcessEnv): boolean => pretendsPayfast(readKeys(env))

function readKeys(env: NodeJS.ProcessEnv) {
  const given = (name: string) => env[name] || undefined
  // Asked for in vain, it is left out; payment refuses.
  return { given, simulateProviders: mayPretend(given, []) }
}
