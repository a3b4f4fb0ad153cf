import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { listenAt } from '@mart/simulators/kit/listening'
import { freePort } from '../src/ports.ts'
import { startWhenFirstUsed } from '../src/when-first-used.ts'

const alone = { headers: { connection: 'close' } }
const here = async () => ({ port: await freePort(), host: '127.0.0.1' })

async function startCounted(places: readonly { port: number; host: string }[]) {
  let loads = 0
  const { stop } = await startWhenFirstUsed(
    places,
    async (held) => {
      loads += 1
      const servers = held.map((_, at) => createServer((_request, response) => response.end(`place ${at}`)))
      await Promise.all(servers.map((server, at) => listenAt(server, held[at]!)))
      return {
        servers,
        async stop() {
          for (const server of servers) server.close().closeAllConnections()
        },
      }
    },
    assert.fail,
  )
  const ask = async (at: number) => await (await fetch(`http://127.0.0.1:${places[at]!.port}`, alone)).text()
  return { ask, stop, loads: () => loads }
}

test('what answers is loaded by the first who call, once, and answers them and all later ones', async () => {
  const places = [await here(), await here()]
  const { ask, stop, loads } = await startCounted(places)
  assert.equal(loads(), 0)
  assert.deepEqual(await Promise.all([ask(0), ask(1), ask(0)]), ['place 0', 'place 1', 'place 0'])
  assert.equal(await ask(1), 'place 1')
  assert.equal(loads(), 1)
  await stop()
  await assert.rejects(ask(0), ({ cause }) => cause.code === 'ECONNREFUSED')
})

test('what nobody used stops without having been loaded, and a taken port is told at once', async () => {
  const place = await here()
  const { stop, loads } = await startCounted([place])
  await assert.rejects(startCounted([place]), { code: 'EADDRINUSE' })
  await stop()
  assert.equal(loads(), 0)
  const free = createServer().listen(place.port, place.host)
  await once(free, 'listening')
  free.close()
})

test('who calls while loading fails is hung up on, and the next call tries again', async () => {
  const place = await here()
  const told: string[] = []
  const load = () => Promise.reject(new Error('no such module'))
  const { stop } = await startWhenFirstUsed([place], load, ({ message }) => told.push(message))
  for (const _ of 'ab') await assert.rejects(fetch(`http://127.0.0.1:${place.port}`), { message: 'fetch failed' })
  await stop()
  assert.deepEqual(told, ['no such module', 'no such module'])
})
