import type { ProductView } from '@mart/contracts/http/product-shapes'
import type { Money } from '@mart/contracts/money'
import { unitPrice } from '../../ui/format.ts'
import { useFrame } from './frame.tsx'
import { Icon } from './icon.tsx'
import { Picture } from './picture.tsx'

export type Variant = ProductView['variants'][number]

export const priceIn = (variant: Variant, currency: string): Money | null =>
  variant.prices.find((price) => price.currency === currency) ?? null

/** The one that a card puts first: what can be bought, and of that the cheapest. */
export function firstVariant(product: ProductView, currency: string): Variant {
  const rank = (variant: Variant) =>
    (variant.availability === 'out' ? 1e15 : 0) + (priceIn(variant, currency)?.amount ?? 1e14)
  return product.variants.toSorted((one, other) => rank(one) - rank(other))[0]!
}

interface GridProps {
  readonly products: readonly ProductView[]
  /** So many pictures are fetched at once, not when one scrolls to them. */
  readonly eager?: number
  /** Of each product's name: one below the heading above the grid. */
  readonly heading?: 'h2' | 'h3'
}

export function ProductGrid({ products, eager = 0, heading = 'h3' }: GridProps) {
  return (
    <ul class="grid">
      {products.map((product, index) => (
        <li key={product.id}>
          <ProductCard product={product} isEager={index < eager} Heading={heading} />
        </li>
      ))}
    </ul>
  )
}

interface CardProps {
  readonly product: ProductView
  readonly isEager: boolean
  readonly Heading: 'h2' | 'h3'
}

function ProductCard({ product, isEager, Heading }: CardProps) {
  const { frame, say, inLanguage } = useFrame()
  const variant = firstVariant(product, frame.currency)
  const price = priceIn(variant, frame.currency)
  const several = product.variants.length > 1
  return (
    <article class="card">
      <Picture product={product} place="card" isEager={isEager} />
      <Heading class="card-name">
        <a href={`/p/${product.slug}`} {...inLanguage(product.name_language)}>
          {product.name}
        </a>
      </Heading>
      <p class="card-size">
        <bdi {...inLanguage(variant.name_language)}>{variant.name}</bdi>
      </p>
      <Price price={price} size={variant.options['size']} isFrom={several} />
      <Availability of={variant} isQuiet />
      {price && variant.availability !== 'out' ? (
        several ? (
          <a class="button quiet" href={`/p/${product.slug}`} aria-label={`${say.choose}: ${product.name}`}>
            {say.choose}
          </a>
        ) : (
          <AddForm sku={variant.sku} name={product.name} />
        )
      ) : null}
    </article>
  )
}

/** Puts one piece into the cart. */
export function AddForm({ sku, name }: { sku: string; name: string }) {
  const { frame, say } = useFrame()
  return (
    <form class="add" action="/cart/add" method="post" data-live>
      <input type="hidden" name="sku" value={sku} />
      <input type="hidden" name="next" value={frame.path} />
      <button class="button quiet" aria-label={say.add(name)}>
        <Icon name="plus" />
        {say.addToCart}
      </button>
    </form>
  )
}

export function Price({ price, size, isFrom }: { price: Money | null; size?: string | undefined; isFrom?: boolean }) {
  const { frame, say, money } = useFrame()
  if (!price) return <p class="price none">{say.noPrice(frame.currency)}</p>
  const unit = unitPrice(price, size)
  return (
    <p class="price">
      {isFrom && <span class="price-from">{say.from} </span>}
      <b>{money(price)}</b>
      {unit && (
        <span class="price-unit">
          {' '}
          {money(unit.price)} / {say.perUnit[unit.per]}
        </span>
      )}
    </p>
  )
}

export function Availability({ of: { availability }, isQuiet }: { of: Variant; isQuiet?: boolean }) {
  const { say } = useFrame()
  if (availability === 'in_stock') return isQuiet ? null : <p class="stock in">{say.inStock}</p>
  return <p class={`stock ${availability}`}>{availability === 'low' ? say.low : say.out}</p>
}
