import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Part {
  readonly command?: readonly string[]
  readonly build?: { readonly target: string; readonly args: { readonly WORKSPACE: string } }
}

/** What each stage of the Dockerfile copies of the clone, with what it takes over from the stage that it begins with. */
function foldersOf(target: string, workspace: string): string[] {
  const stages = read('Dockerfile')
    .split(/^FROM /m)
    .slice(1)
  const stage = stages.find((one) => one.split('\n')[0]!.endsWith(` AS ${target}`))!
  const [base] = stage.split(' ', 1)
  const copied = [...stage.matchAll(/^COPY --chown=\S+ (\S+) \S+$/gm)].map(([, from]) => from!)
  const own = copied.map((from) => from.replace(/^\$\{WORKSPACE\}$/, workspace))
  return [...(base!.startsWith('node:') ? [] : foldersOf(base!, workspace)), ...own]
}

/** The parser of dependency-cruiser does not tell these apart; Node drops them. */
const isTypeOnly = (file: string, module: string) =>
  new RegExp(`^import type [^']* from '${module}'$`, 'm').test(read(file))

test('the image of each program holds all that it loads', async () => {
  const { services } = parse(read('compose.yaml'), { merge: true, maxAliasCount: -1 }) as {
    services: Record<string, Part>
  }
  const programs = Object.values(services).flatMap(({ build, command }) =>
    build ? [{ ...build, script: `${build.args.WORKSPACE}/${command?.[0] ?? 'src/main.ts'}` }] : [],
  )
  assert.ok(programs.length >= 13)
  const { default: rules } = await import(join(root, 'import-rules.mjs'))
  const scripts = programs.map(({ script }) => script)
  const { output } = await cruise(scripts, {
    ...(rules.options as ICruiseOptions),
    tsPreCompilationDeps: 'specify',
    baseDir: root,
  })
  const imports = new Map((output as ICruiseResult).modules.map(({ source, dependencies }) => [source, dependencies]))

  const missing = programs.flatMap(({ target, args, script }) => {
    const folders = foldersOf(target, args.WORKSPACE)
    const loaded = new Set([script])
    for (const file of loaded)
      for (const { resolved, dynamic, coreModule, module } of imports.get(file) ?? [])
        if (!dynamic && !coreModule && !isTypeOnly(file, module) && !resolved.includes('node_modules'))
          loaded.add(resolved)
    assert.ok(loaded.size > 1, script)
    return [...loaded]
      .filter((file) => !folders.some((folder) => file.startsWith(`${folder}/`)))
      .map((file) => `${script} loads ${file}`)
  })
  assert.deepEqual(missing, [])
})
