import { pretendsPayfast, pretendsStripe } from '../service-environment.ts'
import { readSettings, type Settings } from '../settings.ts'

/** Whether the simulator stands in for Stripe: not in production, not beside keys of Stripe's. */
export const standsInForStripe = (env: NodeJS.ProcessEnv): boolean => pretendsStripe(settingsOf(env))

/** Whether the simulator stands in for PayFast: not in production, not beside a merchant id of PayFast's. */
export const standsInForPayfast = (env: NodeJS.ProcessEnv): boolean => pretendsPayfast(settingsOf(env))

// Asked for in vain, it is left out; payment refuses.
const settingsOf = (env: NodeJS.ProcessEnv): Settings => readSettings({ ...env, MART_PROVIDERS: '' })
