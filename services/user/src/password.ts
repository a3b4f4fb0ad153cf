import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

// OWASP's setting: 19 MiB, 2 passes, 1 lane; 25 ms of a core.
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const KEY_BYTES = 32

/** The password's argon2id hash as a PHC string, which names its own cost. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive('argon2id', { message: bytesOf(password), nonce: salt, tagLength: KEY_BYTES, ...cost })
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(key)}`
}

/** Whether `password` is the one of `hash`, which may have been made at another cost. */
export async function verifyPassword({ hash, password }: { hash: string; password: string }): Promise<boolean> {
  const { memory, passes, parallelism, salt, key } = readHash(hash)
  const nonce = Buffer.from(salt, 'base64')
  const wanted = Buffer.from(key, 'base64')
  const message = bytesOf(password)
  const given = await derive('argon2id', { message, nonce, tagLength: wanted.length, memory, passes, parallelism })
  return timingSafeEqual(given, wanted)
}

function readHash(hash: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash)
  if (!match) throw new Error('A stored password hash is not an argon2id one.')
  const [, memory, passes, parallelism, salt, key] = match
  return { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism), salt: salt!, key: key! }
}

// One password, however the keyboard composed its letters.
const bytesOf = (password: string) => Buffer.from(password.normalize('NFKC'))

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '')
