import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const script = `
  const { bypassProxyOnLoopback } = await import(${JSON.stringify(import.meta.resolve('@mart/service-kit/loopback'))})
  bypassProxyOnLoopback()
  const answers = []
  for (const url of process.argv.slice(1)) answers.push(await fetch(url, { signal: AbortSignal.timeout(10_000) }).then((a) => a.text(), () => 'nothing'))
  console.log(JSON.stringify(answers))`

test('what is on this machine is asked for directly, and what is not by the proxy, however the proxy is switched on', async (t) => {
  const mart = createServer((_, answer) => answer.end('mart')).listen(0, '127.0.0.1')
  const asked: string[] = []
  const proxy = createServer((request, answer) => {
    asked.push(request.url ?? '')
    answer.end('nothing')
  }).listen(0, '127.0.0.1')
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '')
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await Promise.all([once(mart, 'listening'), once(proxy, 'listening')])
  t.after(() => {
    for (const server of [mart, proxy]) server.close().closeAllConnections()
  })
  const at = (server: typeof mart, host = '127.0.0.1') => `http://${host}:${(server.address() as AddressInfo).port}`

  const proxied = [
    { NODE_USE_ENV_PROXY: '1' },
    { NODE_OPTIONS: '--use-env-proxy' },
    { NODE_USE_ENV_PROXY: '1', no_proxy: 'a.example' },
  ]
  for (const env of proxied) {
    const urls = [at(mart), at(mart, 'localhost'), 'http://stripe.example/']
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, ...urls], {
      env: { PATH: process.env['PATH'], HTTP_PROXY: at(proxy), http_proxy: at(proxy), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.deepEqual(JSON.parse(await text(child.stdout)), ['mart', 'mart', 'nothing'], JSON.stringify(env))
    assert.match(asked.splice(0).join(), /^(http:\/\/)?stripe\.example(:80|\/)$/)
  }
})
