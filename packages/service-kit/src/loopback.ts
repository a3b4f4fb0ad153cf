import http from 'node:http'

const loopback = ['localhost', '127.0.0.1', '::1', '[::1]']

/**
 * Keeps this process, and those that it starts with its environment, from asking a proxy for what is on this machine:
 * with NODE_USE_ENV_PROXY or --use-env-proxy Node sends every request to HTTP_PROXY that NO_PROXY does not name.
 */
export function bypassProxyOnLoopback(env: NodeJS.ProcessEnv = process.env): void {
  const here = [...loopback, ...(env['MART_HOST'] ? [env['MART_HOST']] : [])].join()
  for (const name of ['no_proxy', 'NO_PROXY']) {
    const given = env[name]
    // Node reads the small one first, so it is not made where only the other one is.
    if (name === 'NO_PROXY' || given) env[name] = given ? `${given},${here}` : here
  }
  if (env['NODE_USE_ENV_PROXY'] === '1' || usesProxy(env['NODE_OPTIONS'] ?? '') || process.execArgv.some(usesProxy))
    http.setGlobalProxyFromEnv({ ...env })
}

const usesProxy = (options: string) => options.includes('--use-env-proxy')
