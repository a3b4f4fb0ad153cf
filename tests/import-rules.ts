import { join } from 'node:path'
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'

/** The imports below `root` that break a rule of import-rules.mjs. Throws when no module at all was looked at. */
export async function importFaults(root: string): Promise<string[]> {
  const { default: rules } = await import(join(import.meta.dirname, '..', 'import-rules.mjs'))
  const { output } = await cruise(['packages', 'services', 'apps', 'demo', 'local', 'tools', 'tests', 'bench'], {
    ...(rules.options as ICruiseOptions),
    baseDir: root,
    ruleSet: { forbidden: rules.forbidden },
    validate: true,
  })
  const { summary } = output as ICruiseResult
  if (summary.totalCruised === 0)
    throw new Error('The import rules saw no module: the check would pass whatever is imported')
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
}
