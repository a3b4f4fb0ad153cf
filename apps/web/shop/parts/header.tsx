import { useFrame } from './frame.tsx'
import { Icon } from './icon.tsx'

/** The form of a page that is to be sent along with a choice in the header, by its id; and where to. */
export interface SentAlong {
  readonly form: string
  readonly to: string
}

interface HeaderProps {
  readonly sentAlong?: SentAlong | undefined
}

export function Header({ sentAlong }: HeaderProps) {
  const { frame, say, inLanguage } = useFrame()
  return (
    <header class="top">
      <div class="top-row">
        <a class="brand" href="/">
          {say.shopName}
        </a>
        <SearchForm />
        <nav class="top-links" aria-label={say.account}>
          {/* Enter in a field presses the first button of its form: not one of these. */}
          {sentAlong && <button class="hidden" form={sentAlong.form} tabIndex={-1} aria-hidden="true" />}
          <LanguageForm sentAlong={sentAlong} />
          <CurrencyForm sentAlong={sentAlong} />
          <a class="top-link" href={frame.person ? '/account' : '/sign-in'}>
            <Icon name="account" />
            <span class={frame.person ? 'who named' : 'who'} dir="auto">
              {frame.person?.name.split(' ')[0] ?? say.signIn}
            </span>
          </a>
          <CartLink />
        </nav>
      </div>
      <nav class="categories" aria-label={say.categories}>
        <ul>
          {frame.categories.map(({ slug, name, name_language }) => (
            <li key={slug}>
              <a
                {...inLanguage(name_language)}
                href={`/c/${slug}`}
                aria-current={frame.path.split('?')[0] === `/c/${slug}` ? 'page' : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  )
}

function SearchForm() {
  const { frame, say } = useFrame()
  return (
    <search>
      <form class="search" action="/search" method="get" data-suggest>
        <label class="hidden" for="q">
          {say.searchLabel}
        </label>
        <input
          id="q"
          name="q"
          type="search"
          maxlength={200}
          value={frame.words}
          placeholder={say.searchHint}
          dir="auto"
          autocomplete="off"
          enterkeyhint="search"
        />
        <button type="submit" aria-label={say.search}>
          <Icon name="search" />
        </button>
      </form>
    </search>
  )
}

const names = { en: 'English', ur: 'اردو' } as const

/** A choice as the button of a form of its own, or of the page's form. */
function choice(name: 'language' | 'currency', value: string, sentAlong: SentAlong | undefined) {
  if (!sentAlong) return { name, value }
  return { form: sentAlong.form, formAction: `${sentAlong.to}?${name}=${value}`, formNoValidate: true }
}

/** Named in itself, for who reads only that. */
function LanguageForm({ sentAlong }: HeaderProps) {
  const { frame, say } = useFrame()
  const other = frame.language === 'en' ? 'ur' : 'en'
  return (
    <form action="/preferences" method="post" aria-label={say.language}>
      <input type="hidden" name="next" value={frame.path} />
      <button {...choice('language', other, sentAlong)} class="top-link" lang={other}>
        {names[other]}
      </button>
    </form>
  )
}

/** Changes what the person sees, so it is a form and no link. */
function CurrencyForm({ sentAlong }: HeaderProps) {
  const { frame, say } = useFrame()
  return (
    <form class="currency" action="/preferences" method="post">
      <input type="hidden" name="next" value={frame.path} />
      {frame.currencies
        .filter((code) => code !== frame.currency)
        .map((code) => (
          <button key={code} {...choice('currency', code, sentAlong)} class="top-link" title={say.changeCurrency(code)}>
            <span class="hidden">{say.changeCurrency(code)}</span>
            <span aria-hidden="true">{frame.currency}</span>
          </button>
        ))}
    </form>
  )
}

function CartLink() {
  const { frame, say, money, count } = useFrame()
  const { cart } = frame
  const sum = cart.sum ? money(cart.sum) : ''
  return (
    <a class="top-link cart-link" href="/cart" id="cart-link">
      <Icon name="cart" />
      <span class={cart.count > 0 ? 'hidden' : undefined} aria-live="polite" aria-atomic="true">
        {cart.count > 0 ? say.cartWith(count(cart.count), sum) : say.cart}
      </span>
      {cart.count > 0 && (
        <>
          <span class="badge" aria-hidden="true">
            {count(cart.count)}
          </span>
          <span class="cart-sum" aria-hidden="true">
            {sum}
          </span>
        </>
      )}
    </a>
  )
}

export function Footer() {
  const { frame, say, inLanguage } = useFrame()
  return (
    <footer class="foot">
      <nav aria-label={say.shopName}>
        <ul>
          <li>
            <a href="/">{say.home}</a>
          </li>
          {frame.categories.slice(0, 6).map(({ slug, name, name_language }) => (
            <li key={slug}>
              <a href={`/c/${slug}`} {...inLanguage(name_language)}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p>{say.footer}</p>
    </footer>
  )
}
