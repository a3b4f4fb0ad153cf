import type { SyntaxNode } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

export interface Selected {
  readonly metric: string
  /** The labels that its matchers name. */
  readonly labels: readonly string[]
  /** The innermost aggregation that it stands in, with its labels: "max by service, topic"; null when in none. */
  readonly aggregation: string | null
}

/** What a PromQL expression selects. Throws where it is none, with the place. */
export function selectedBy(expression: string): Selected[] {
  const textOf = ({ from, to }: SyntaxNode) => expression.slice(from, to)
  const selected: Selected[] = []
  parser.parse(expression).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`no PromQL at ${node.from}: ${expression}`)
      if (node.name !== 'VectorSelector') return
      const name = node.getChild('Identifier')
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
      selected.push({
        metric: name ? textOf(name) : '',
        labels: matchers.map((matcher) => textOf(matcher.getChild('LabelName')!)),
        aggregation: aggregationOf(node, textOf),
      })
    },
  })
  return selected
}

function aggregationOf(node: SyntaxNode, textOf: (node: SyntaxNode) => string): string | null {
  for (let up = node.parent; up; up = up.parent) {
    if (up.name !== 'AggregateExpr') continue
    const by = up.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? []
    return `${textOf(up.getChild('AggregateOp')!)} by ${by.map(textOf).join(', ')}`
  }
  return null
}
