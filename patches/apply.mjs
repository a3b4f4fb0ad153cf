// Applies the patches of this folder to node_modules; what has them already is left alone. No imports from node_modules:
// it runs on the host's own Node, and where packages were installed without their scripts (docs/decisions/0011).
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

for (const patch of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.patch'))) {
  const [, ...files] = readFileSync(join(import.meta.dirname, patch), 'utf8').split(/^--- a\//m)
  for (const [file, ...hunks] of files.map((part) => part.split(/^@@ .*\n/m))) {
    const path = join(root, file.slice(0, file.indexOf('\n')))
    const before = readFileSync(path, 'utf8')
    const after = hunks.reduce((text, hunk) => withHunk(text, hunk) ?? doesNotFit(patch, path), before)
    if (after === before) continue
    // Renamed into place: another process may be reading it.
    writeFileSync(`${path}.${process.pid}`, after)
    renameSync(`${path}.${process.pid}`, path)
  }
}

/** `text` with the hunk in it, or undefined when it fits nowhere, or in more than one place. */
function withHunk(text, hunk) {
  const lines = hunk
    .split(/^diff --git /m, 1)[0]
    .split('\n')
    .filter(Boolean)
  const side = (signs) =>
    lines
      .filter(([sign]) => signs.includes(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
  const [old, mended] = [side(' -'), side(' +')]
  if (text.includes(mended)) return text
  return text.split(old).length === 2 ? text.replace(old, () => mended) : undefined
}

function doesNotFit(patch, path) {
  throw new Error(`patches/${patch} does not fit ${path}: is it another version of the package?`)
}
