import { createServer } from 'node:net'
import { checkPort, portsAt } from '@mart/local/ports'

const FIRST_OFFSET = 3_200
const STEP = 200
const PLACES = 8

/** Takes ports that no other mart under test has, in whatever process it runs: what is added to each, and how to give them back. */
export async function takePorts(): Promise<{ readonly portOffset: number; readonly giveBack: () => void }> {
  for (let place = 0; place < PLACES; place += 1) {
    const portOffset = FIRST_OFFSET + place * STEP
    const giveBack = await hold(1_000 + portOffset)
    if (!giveBack) continue
    if (await isFree(portsAt(portOffset).user)) return { portOffset, giveBack }
    giveBack()
  }
  throw new Error(`${PLACES} marts are under test on this machine: there are no ports for another one`)
}

/** Somebody may have a mart of his own there. */
const isFree = (port: number): Promise<boolean> =>
  checkPort('user', port, '127.0.0.1').then(
    () => true,
    () => false,
  )

/** Listens there, which only one process can, and which ends with it. */
function hold(port: number): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.unref()
      resolve(() => server.close())
    })
  })
}
