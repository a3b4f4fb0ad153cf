import { minorDigits } from '@mart/contracts/money'
import { listPath, withoutFilter } from '../list-path.ts'
import type { Filters, Frame, ListProps } from '../pages.ts'
import { Fault, faultMarks } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { breadcrumbs, Trail } from '../parts/trail.tsx'

const EAGER = 4

export function ListPage(props: ListProps & { frame: Frame }) {
  const { frame, say, count, inLanguage } = useFrame()
  const { category, trail, children, products, filters, nextCursor } = props
  const title = category?.name ?? (filters.q ? say.resultsFor(filters.q) : say.searchTitle)
  const isPlain = category && !filters.q && !filters.inStock && filters.minPrice === null && filters.maxPrice === null
  return (
    <Page
      title={title}
      description={category ? `${category.name} · ${say.homeDescription}` : say.homeDescription}
      {...(isPlain && !filters.cursor && { canonical: `/c/${category.slug}` })}
      linked={breadcrumbs(frame.origin, trail)}
    >
      {category && <Trail steps={trail.slice(0, -1)} />}
      <h1 {...(category && inLanguage(category.name_language))}>{title}</h1>
      {children.length > 0 && (
        <ul class="chips">
          {children.map(({ slug, name, name_language }) => (
            <li key={slug}>
              <a class="chip" href={listPath(slug, { ...filters, cursor: null })} {...inLanguage(name_language)}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      )}
      <div class="list">
        <FilterForm {...props} />
        <div>
          {props.problems
            .filter(({ field }) => field === 'q' || field === 'cursor')
            .map(({ code }) => (
              <p key={code} class="notice warning" role="status">
                {say.filterProblems[code]}
              </p>
            ))}
          <Chosen category={category?.slug ?? null} filters={filters} />
          {props.count !== null && <p class="soft">{say.productCount(count(props.count))}</p>}
          {products.length > 0 ? (
            <ProductGrid products={products} eager={EAGER} heading="h2" />
          ) : (
            <Nothing isCategory={Boolean(isPlain)} />
          )}
          <p class="pages">
            {filters.cursor && (
              <a class="button quiet" href={listPath(category?.slug ?? null, { ...filters, cursor: null })}>
                {say.fromStart}
              </a>
            )}
            {nextCursor && (
              <a
                class="button quiet"
                rel="next"
                href={listPath(category?.slug ?? null, { ...filters, cursor: nextCursor })}
              >
                {say.more}
              </a>
            )}
          </p>
        </div>
      </div>
    </Page>
  )
}

function FilterForm({ category, filters, facets, problems }: ListProps) {
  const { frame, say, money, inLanguage } = useFrame()
  const whole = 10 ** minorDigits(frame.currency)
  const hint = (amount: number | undefined) =>
    amount === undefined ? undefined : money({ amount, currency: frame.currency })
  const shown = (amount: number | null) => (amount === null ? undefined : String(amount / whole))
  const bounds = [
    { name: 'min', label: say.priceFrom, value: filters.minPrice, lies: facets?.price?.min },
    { name: 'max', label: say.priceTo, value: filters.maxPrice, lies: facets?.price?.max },
  ] as const
  const wrong = problems.filter(({ field }) => bounds.some(({ name }) => name === field))
  const sorts = ['relevance', 'newest', 'price', '-price', 'name'].filter((sort) => sort !== 'relevance' || filters.q)
  return (
    <details class="filters" data-open-on-desktop open={wrong.length > 0}>
      <summary class="button quiet">
        <Icon name="filter" />
        {say.filter}
      </summary>
      <form action={category ? `/c/${category.slug}` : '/search'} method="get">
        {filters.q && <input type="hidden" name="q" value={filters.q} />}
        <label class="field">
          <span>{say.sort}</span>
          <select name="sort">
            {sorts.map((sort) => (
              <option key={sort} value={sort} selected={sort === filters.sort}>
                {say.sorts[sort]}
              </option>
            ))}
          </select>
        </label>
        <fieldset class="range">
          {bounds.map(({ name, label, value, lies }) => {
            const code = wrong.find(({ field }) => field === name)?.code
            const text = code && say.filterProblems[code]
            const fault = { id: `${name}-fault`, text, isFirst: wrong[0]?.field === name }
            return (
              <label key={name} class="field">
                <span>{label}</span>
                <input
                  name={name}
                  inputmode="decimal"
                  maxlength={12}
                  value={shown(value)}
                  placeholder={hint(lies)}
                  {...faultMarks(fault)}
                />
                <Fault {...fault} />
              </label>
            )
          })}
        </fieldset>
        <label class="check">
          <input type="checkbox" name="in_stock" value="1" checked={filters.inStock} />
          <span>{say.onlyAvailable}</span>
        </label>
        <button class="button">{say.apply}</button>
      </form>
      {!category && facets && facets.categories.length > 0 && (
        <nav aria-label={say.categoriesOfFound}>
          <ul class="facets">
            {facets.categories.slice(0, 12).map(({ slug, name, name_language, count }) => (
              <li key={slug}>
                <a href={listPath(slug, { ...filters, cursor: null })}>
                  <bdi {...inLanguage(name_language)}>{name}</bdi> <span class="soft">{count}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
      )}
    </details>
  )
}

function Chosen({ category, filters }: { category: string | null; filters: Filters }) {
  const { frame, say, money } = useFrame()
  const asMoney = (amount: number) => money({ amount, currency: frame.currency })
  const chosen: { name: keyof Filters; text: string }[] = []
  if (category && filters.q) chosen.push({ name: 'q', text: `“${filters.q}”` })
  if (filters.inStock) chosen.push({ name: 'inStock', text: say.onlyAvailable })
  if (filters.minPrice !== null)
    chosen.push({ name: 'minPrice', text: `${say.priceFrom} ${asMoney(filters.minPrice)}` })
  if (filters.maxPrice !== null) chosen.push({ name: 'maxPrice', text: `${say.priceTo} ${asMoney(filters.maxPrice)}` })
  if (chosen.length === 0) return null
  return (
    <ul class="chips">
      {chosen.map(({ name, text }) => (
        <li key={name}>
          <a class="chip on" href={listPath(category, withoutFilter(filters, name))} aria-label={say.remove(text)}>
            {text}
            <Icon name="close" />
          </a>
        </li>
      ))}
    </ul>
  )
}

function Nothing({ isCategory }: { isCategory: boolean }) {
  const { say } = useFrame()
  return (
    <section class="empty">
      <h2>{isCategory ? say.emptyCategory : say.nothingFound}</h2>
      {!isCategory && <p>{say.nothingFoundHelp}</p>}
      <a class="button" href="/search">
        {say.toAll}
      </a>
    </section>
  )
}
