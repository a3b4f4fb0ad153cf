import { toDecimal } from '@mart/contracts/money'
import type { Frame, ProductProps } from '../pages.ts'
import { Field, ProblemNotice } from '../parts/fields.tsx'
import { useFrame } from '../parts/frame.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { Picture } from '../parts/picture.tsx'
import { Availability, Price, ProductGrid, priceIn, type Variant } from '../parts/product-card.tsx'
import { DeliveryTerms, ReturnTerms } from '../parts/terms.tsx'
import { breadcrumbs, Trail } from '../parts/trail.tsx'
import { largestOf } from '../picture-widths.ts'

export function ProductPage(props: ProductProps & { frame: Frame }) {
  const { frame, product, trail, chosen, alike, terms, alert } = props
  const { say, inLanguage } = useFrame()
  const path = `/p/${product.slug}`
  const variant = product.variants.find(({ sku }) => sku === chosen) ?? product.variants[0]!
  const price = priceIn(variant, frame.currency)
  const buy = price && variant.availability !== 'out' && <BuyForm variant={variant} terms={terms} />
  return (
    <Page
      title={product.name}
      description={product.description.slice(0, 160) || product.name}
      canonical={path}
      picture={product.image_urls[0] && largestOf(product.image_urls[0])}
      linked={[linkedProduct(product, frame), ...breadcrumbs(frame.origin, trail)]}
    >
      <Trail steps={trail} />
      <article class="product">
        <Picture product={product} place="product" isEager alt={product.name} />
        <div class="product-facts">
          <h1 {...inLanguage(product.name_language)}>{product.name}</h1>
          <Price price={price} size={variant.options['size']} />
          <Availability of={variant} />
          {product.variants.length > 1 && <Variants product={product} chosen={variant} path={path} />}
          {alert.answer === 'there' ? (
            <section id="alert" class="panel" data-part>
              <div role="status">
                <p class="notice">{say.alertThere}</p>
              </div>
              {buy}
            </section>
          ) : (
            buy
          )}
          {variant.availability !== 'out' && <ProblemNotice problem={problemOf(alert.form)} />}
          {variant.availability === 'out' && alert.answer !== 'there' && (
            <AlertForm sku={variant.sku} path={path} {...alert} />
          )}
          <ul class="terms">
            <li>
              <DeliveryTerms terms={terms} />
            </li>
            <li>
              <ReturnTerms terms={terms} />
            </li>
          </ul>
          {product.description && (
            <section>
              <h2>{say.description}</h2>
              {product.description.split(/\n{2,}/).map((paragraph) => (
                <p key={paragraph} class="measure" {...inLanguage(product.description_language)}>
                  {paragraph}
                </p>
              ))}
            </section>
          )}
        </div>
      </article>
      {alike.length > 0 && (
        <section aria-labelledby="alike">
          <h2 id="alike">{say.moreOfItsKind}</h2>
          <ProductGrid products={alike} />
        </section>
      )}
    </Page>
  )
}

function Variants({ product, chosen, path }: { product: ProductProps['product']; chosen: Variant; path: string }) {
  const { frame, say, money, inLanguage } = useFrame()
  return (
    <nav class="variants" aria-label={say.size}>
      <ul>
        {product.variants.map((variant) => {
          const price = priceIn(variant, frame.currency)
          return (
            <li key={variant.sku}>
              <a
                class="variant"
                href={`${path}?sku=${encodeURIComponent(variant.sku)}`}
                aria-current={variant === chosen ? 'true' : undefined}
              >
                <span {...inLanguage(variant.name_language)}>{variant.name}</span>
                <span class="soft">{price ? money(price) : say.noPrice(frame.currency)}</span>
                {variant.availability === 'out' && <span class="stock out">{say.out}</span>}
              </a>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

function BuyForm({ variant, terms }: { variant: Variant } & Pick<ProductProps, 'terms'>) {
  const { frame, say } = useFrame()
  const most = variant.max_quantity ?? terms?.maxQuantity
  return (
    <form class="buy" action="/cart/add" method="post" data-live>
      <input type="hidden" name="sku" value={variant.sku} />
      <input type="hidden" name="next" value={frame.path} />
      <label class="field">
        <span>{say.quantity}</span>
        <input name="quantity" type="number" min={1} max={most} value="1" inputmode="numeric" />
      </label>
      <button class="button">
        <Icon name="cart" />
        {say.addToCart}
      </button>
    </form>
  )
}

/** What was wrong with a form that the page does not have any more: it is back in stock. */
const problemOf = ({ faults, problem }: ProductProps['alert']['form']) =>
  problem ?? (faults['email'] ? 'not_taken' : null)

type AlertProps = ProductProps['alert'] & { readonly sku: string; readonly path: string }

function AlertForm({ form, answer, sku, path }: AlertProps) {
  const { say } = useFrame()
  return (
    <section id="alert" class="panel" data-part aria-labelledby="alert-title">
      <h2 id="alert-title">{say.backSoon}</h2>
      <div role="status">{answer === 'noted' && <p class="notice">{say.alertNoted}</p>}</div>
      {answer !== 'noted' && (
        <form action={`${path}/alert`} method="post" data-live>
          <ProblemNotice problem={form.problem} />
          <div class="fields">
            <input type="hidden" name="sku" value={sku} />
            <Field
              form={form}
              name="email"
              label={say.email}
              hint={say.alertHint}
              type="email"
              autocomplete="email"
              maxlength={254}
              required
            />
          </div>
          <div class="actions">
            <button class="button">{say.tellMe}</button>
          </div>
        </form>
      )}
    </section>
  )
}

const stockTerms = { in_stock: 'InStock', low: 'LimitedAvailability', out: 'OutOfStock' }

function linkedProduct(product: ProductProps['product'], { origin, currency }: Frame) {
  const url = new URL(`/p/${product.slug}`, origin).href
  return {
    '@type': 'Product',
    name: product.name,
    description: product.description,
    image: product.image_urls.map((one) => new URL(largestOf(one), origin).href),
    url,
    offers: product.variants.flatMap((variant) => {
      const price = priceIn(variant, currency)
      if (!price) return []
      return {
        '@type': 'Offer',
        sku: variant.sku,
        name: variant.name,
        price: toDecimal(price),
        priceCurrency: price.currency,
        availability: `https://schema.org/${stockTerms[variant.availability]}`,
        url: `${url}?sku=${encodeURIComponent(variant.sku)}`,
      }
    }),
  }
}
