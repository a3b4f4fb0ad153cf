import type { ProductView } from '@mart/contracts/http/product-shapes'

/** On a square whose tint follows its category; `alt` is empty where the name stands beside it. */
export function Picture({ product, isEager, alt = '' }: { product: ProductView; isEager?: boolean; alt?: string }) {
  const [url] = product.image_urls
  return (
    <div class={`picture tint-${tintOf(product.categories[0]?.slug ?? '')}`}>
      {url && (
        <img
          src={url}
          alt={alt}
          width={400}
          height={400}
          loading={isEager ? 'eager' : 'lazy'}
          decoding="async"
          {...(isEager && { fetchpriority: 'high' })}
        />
      )}
    </div>
  )
}

const TINTS = 6

/** One of six, the same for a category at all times. */
export const tintOf = (slug: string): number =>
  [...slug].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 65_521, 7) % TINTS
