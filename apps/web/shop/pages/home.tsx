import type { Frame, HomeProps } from '../pages.ts'
import { useFrame } from '../parts/frame.tsx'
import { Page } from '../parts/page.tsx'
import { Photo, tintOf } from '../parts/picture.tsx'
import { ProductGrid } from '../parts/product-card.tsx'
import { DeliveryTerms, WaysToPay } from '../parts/terms.tsx'

export function HomePage({ frame, newest, cheap, terms }: HomeProps & { frame: Frame }) {
  const { say, inLanguage } = useFrame()
  const search = {
    '@type': 'WebSite',
    name: say.shopName,
    url: new URL('/', frame.origin).href,
    potentialAction: {
      '@type': 'SearchAction',
      target: { '@type': 'EntryPoint', urlTemplate: `${frame.origin}/search?q={search_term_string}` },
      'query-input': 'required name=search_term_string',
    },
  }
  return (
    <Page title={say.homeTitle} description={say.homeDescription} canonical="/" linked={[search]}>
      <section class="welcome">
        <h1>{say.greeting}</h1>
        <p class="soft">
          <DeliveryTerms terms={terms} /> <WaysToPay terms={terms} />
        </p>
      </section>
      <section aria-labelledby="categories">
        <h2 id="categories">{say.categories}</h2>
        <ul class="tiles">
          {frame.categories.map(({ slug, name, name_language, picture }) => (
            <li key={slug}>
              <a class={`tile tint-${tintOf(slug)}`} href={`/c/${slug}`}>
                {picture && <Photo url={picture} place="tile" side={96} />}
                <span {...inLanguage(name_language)}>{name}</span>
              </a>
            </li>
          ))}
        </ul>
      </section>
      <Shelf id="newest" title={say.newHere} products={newest} />
      <Shelf id="cheap" title={say.cheapToday} products={cheap} />
    </Page>
  )
}

function Shelf({ id, title, products }: { id: string; title: string; products: HomeProps['newest'] }) {
  if (products.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ProductGrid products={products} />
    </section>
  )
}
