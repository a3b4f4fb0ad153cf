import figtree from '@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2'
import type { ComponentChildren } from 'preact'
import { useFrame } from './frame.tsx'
import { Footer, Header, type SentAlong } from './header.tsx'

interface PageProps {
  readonly title: string
  readonly description?: string
  /** The one address of this page, path and query; none for a page that is not to be found by search engines. */
  readonly canonical?: string
  readonly picture?: string | undefined
  readonly linked?: readonly object[]
  readonly sentAlong?: SentAlong
  readonly children: ComponentChildren
}

/** A whole page: head, header, what is its own, footer. */
export function Page({ title, description, canonical, picture, linked = [], sentAlong, children }: PageProps) {
  const { frame, say } = useFrame()
  const absolute = (path: string) => new URL(path, frame.origin).href
  const fullTitle = title === say.homeTitle ? title : `${title} · ${say.shopName}`
  return (
    <html lang={frame.language} dir={frame.language === 'ur' ? 'rtl' : 'ltr'} data-answer={frame.isAnswer || undefined}>
      <head>
        <meta charset="utf-8" />
        <title>{fullTitle}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="theme-color" content="#0b6b4d" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        {frame.language === 'en' && (
          <link rel="preload" href={figtree} as="font" type="font/woff2" crossorigin="anonymous" />
        )}
        {BROWSER_FILES.styles.map((style) => (
          <link key={style} rel="stylesheet" href={style} />
        ))}
        <script type="module" src={BROWSER_FILES.script} />
        {description && <meta name="description" content={description} />}
        {canonical ? <link rel="canonical" href={absolute(canonical)} /> : <meta name="robots" content="noindex" />}
        <meta property="og:site_name" content={say.shopName} />
        <meta property="og:title" content={fullTitle} />
        {description && <meta property="og:description" content={description} />}
        {canonical && <meta property="og:url" content={absolute(canonical)} />}
        {picture && <meta property="og:image" content={absolute(picture)} />}
        {linked.map((one, index) => (
          <script key={index} type="application/ld+json" dangerouslySetInnerHTML={{ __html: jsonText(one) }} />
        ))}
      </head>
      <body>
        <a class="skip" href="#content">
          {say.skip}
        </a>
        <Header sentAlong={sentAlong} />
        <main id="content">{children}</main>
        <p class="notice warning" id="away" role="alert" hidden>
          {say.shopAway}
        </p>
        <Footer />
      </body>
    </html>
  )
}

const jsonText = (one: object) =>
  JSON.stringify({ '@context': 'https://schema.org', ...one }).replaceAll('<', '\\u003c')
