import { useFrame } from './frame.tsx'

export interface Step {
  readonly slug: string
  readonly name: string
}

export function Trail({ steps }: { steps: readonly Step[] }) {
  const { say } = useFrame()
  return (
    <nav class="trail" aria-label={say.categories}>
      <ol>
        <li>
          <a href="/">{say.home}</a>
        </li>
        {steps.map(({ slug, name }) => (
          <li key={slug}>
            <a href={`/c/${slug}`}>{name}</a>
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** The same for search engines. */
export const breadcrumbs = (origin: string, steps: readonly Step[]) => ({
  '@type': 'BreadcrumbList',
  itemListElement: steps.map(({ slug, name }, index) => ({
    '@type': 'ListItem',
    position: index + 1,
    name,
    item: new URL(`/c/${slug}`, origin).href,
  })),
})
