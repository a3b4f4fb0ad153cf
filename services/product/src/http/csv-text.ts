import { TextDecoder } from 'node:util'
import { Refusal } from '@mart/service-kit/errors'

const BLOCK_BYTES = 16 * 1024
const HEAD_BYTES = 64 * 1024

/** The name of a charset as the WHATWG Encoding Standard has it. Throws Refusal 415 for one that it does not know. */
export function encodingNamed(charset: string): string {
  try {
    return new TextDecoder(charset).encoding
  } catch {
    throw new Refusal(415, 'unsupported_charset', `Nobody knows the charset ${charset.slice(0, 40)}; try utf-8.`)
  }
}

/**
 * Opens a file: which separator it has, and its text in blocks, without a line that only says so. How it is written
 * says a byte order mark, else `declared`, else the zeros of UTF-16 tell it from UTF-8.
 */
export function openCsv(bytes: Buffer, declared: string | undefined) {
  const encoding = encodingByMark(bytes) ?? declared ?? encodingByZeros(bytes) ?? 'utf-8'
  const head = new TextDecoder(encoding).decode(bytes.subarray(0, HEAD_BYTES))
  const [line = '', said] = /^"?sep=([^"\r\n])"?[,;\t]*(?:\r\n|\n|\r|$)/i.exec(head) ?? []
  function* blocks(): Generator<{ bytes: Buffer; text: string }> {
    const decoder = new TextDecoder(encoding)
    for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
      const block = bytes.subarray(from, from + BLOCK_BYTES)
      const text = decoder.decode(block, { stream: from + BLOCK_BYTES < bytes.length })
      yield { bytes: block, text: from === 0 ? text.slice(line.length) : text }
    }
  }
  return { separator: said ?? commonest(firstLine(head)), blocks: blocks() }
}

function encodingByMark([first, second, third]: Buffer): string | undefined {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : undefined
}

function encodingByZeros([first, second]: Buffer): string | undefined {
  if (first && second === 0) return 'utf-16le'
  return first === 0 && second ? 'utf-16be' : undefined
}

/** The first line that has something in it. */
function firstLine(head: string): string {
  const at = Math.max(0, head.search(/[^,;\t\s"]/))
  const start = Math.max(head.lastIndexOf('\n', at), head.lastIndexOf('\r', at)) + 1
  return /^[^\r\n]*/.exec(head.slice(start))?.[0] ?? ''
}

function commonest(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '')
  const count = (separator: string) => bare.split(separator).length
  return [',', ';', '\t'].toSorted((one, other) => count(other) - count(one))[0]!
}
