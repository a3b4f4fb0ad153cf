import type { ProductView } from '@mart/contracts/http/product-shapes'
import { widthsOf } from '../picture-widths.ts'

/** How wide a picture is in each of its places, as shop.css has it; tests/browser/pictures.test.ts measures it. */
const places = {
  card: '(min-width: 40rem) 172px, calc(50vw - 48px)',
  product: '(min-width: 80rem) 545px, (min-width: 40rem) calc(45.5vw - 36px), calc(100vw - 32px)',
  tile: '(min-width: 64rem) 108px, (min-width: 23rem) 120px, calc(50vw - 30px)',
  line: '72px',
}

interface PhotoProps {
  readonly url: string
  readonly place: keyof typeof places
  readonly side: number
  readonly alt?: string
  readonly loading?: 'eager' | 'lazy'
  readonly isFirst?: boolean
}

/** A square picture in the widths that its address names: a browser takes the one that its place needs. */
export function Photo({ url, place, side, alt = '', loading, isFirst }: PhotoProps) {
  const widths = widthsOf(url)
  return (
    <img
      {...(widths ? { srcset: widths.srcset, sizes: places[place], src: widths.src } : { src: url })}
      alt={alt}
      width={side}
      height={side}
      loading={loading}
      decoding="async"
      {...(isFirst && { fetchpriority: 'high' })}
    />
  )
}

interface PictureProps {
  readonly product: ProductView
  readonly place: 'card' | 'product'
  readonly isEager?: boolean
  readonly alt?: string
}

/** On a square whose tint follows its category; `alt` is empty where the name stands beside it. */
export function Picture({ product, place, isEager = false, alt = '' }: PictureProps) {
  const [url] = product.image_urls
  return (
    <div class={`picture tint-${tintOf(product.categories[0]?.slug ?? '')}`}>
      {url && (
        <Photo url={url} place={place} side={400} alt={alt} loading={isEager ? 'eager' : 'lazy'} isFirst={isEager} />
      )}
    </div>
  )
}

const TINTS = 6

/** One of six, the same for a category at all times. */
export const tintOf = (slug: string): number =>
  [...slug].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 65_521, 7) % TINTS
