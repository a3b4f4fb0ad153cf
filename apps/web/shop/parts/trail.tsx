import type { CategoryStep } from '../pages.ts'
import { useFrame } from './frame.tsx'

export function Trail({ steps }: { steps: readonly CategoryStep[] }) {
  const { say, inLanguage } = useFrame()
  return (
    <nav class="trail" aria-label={say.trail}>
      <ol>
        <li>
          <a href="/">{say.home}</a>
        </li>
        {steps.map(({ slug, name, name_language }) => (
          <li key={slug}>
            <a href={`/c/${slug}`} {...inLanguage(name_language)}>
              {name}
            </a>
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** The same for search engines: nothing of what stands nowhere. */
export function breadcrumbs(origin: string, steps: readonly CategoryStep[]): readonly object[] {
  if (steps.length === 0) return []
  const itemListElement = steps.map(({ slug, name }, index) => ({
    '@type': 'ListItem',
    position: index + 1,
    name,
    item: new URL(`/c/${slug}`, origin).href,
  }))
  return [{ '@type': 'BreadcrumbList', itemListElement }]
}
