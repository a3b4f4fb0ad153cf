import { pretendsStripe } from '../service-environment.ts'
import { readSettings } from '../settings.ts'

/** Whether the simulator stands in for Stripe: not in production, not beside keys of Stripe's. */
export const standsInForStripe = (env: NodeJS.ProcessEnv): boolean =>
  pretendsStripe(readSettings({ ...env, MART_PROVIDERS: '' })) // asked for in vain, it is left out; payment refuses
