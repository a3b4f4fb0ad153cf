import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const root = join(import.meta.dirname, '..')
const rulesDir = join(root, 'deploy/observability/rules')
const testsDir = join(root, 'deploy/observability/rule-tests')

export interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

const yamlIn = (dir: string) => readdirSync(dir).map((name) => parse(readFileSync(join(dir, name), 'utf8')))

export const readRules = (): Rule[] =>
  yamlIn(rulesDir).flatMap(({ groups }: { groups: { rules: Rule[] }[] }) => groups.flatMap(({ rules }) => rules))

interface Group {
  readonly alert_rule_test?: readonly {
    alertname: string
    exp_alerts: readonly { exp_labels: { severity: string } }[]
  }[]
}

/** The alerts that a rule test has seen fire, as "name severity". */
export const firedInTests = (): Set<string> =>
  new Set(
    yamlIn(testsDir)
      .flatMap(({ tests }: { tests: Group[] }) => tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test))
      .flatMap(({ alertname, exp_alerts }) =>
        exp_alerts.map(({ exp_labels }) => `${alertname} ${exp_labels.severity}`),
      ),
  )

export const ruleTestFiles = (): string[] =>
  readdirSync(testsDir)
    .sort()
    .map((name) => join(testsDir, name))
