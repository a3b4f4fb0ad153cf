import { readdirSync, readFileSync } from 'node:fs'

type InUrdu<Texts> = { ur: Texts }

export type CatalogueVariant = {
  sku: string
  name: string
  translations: InUrdu<{ name: string }>
  options: Record<string, string>
  /** In minor units: paisa and cents. */
  prices: { PKR: number; USD: number }
  stock: number
}

export type CatalogueProduct = {
  name: string
  slug: string
  description: string
  translations: InUrdu<{ name: string; description: string }>
  /** A file of `images/`. */
  image: string
  variants: CatalogueVariant[]
}

export type CatalogueSection = {
  category: { name: string; slug: string; translations: InUrdu<{ name: string }>; parent?: string }
  products: CatalogueProduct[]
}

/** The demo catalogue: a section per category, each parent before its children. */
export type Catalogue = CatalogueSection[]

/** Where the pictures lie that `image` names. */
export const imageFolder = new URL('./images/', import.meta.url)

/** The width of a card on a phone, in which each picture lies beside its own. */
const SMALL = 280

/** A picture of `images/` in that width, as in `banana-280.webp`. */
export const inSmall = (image: string): string => image.replace(/(?=\.\w+$)/, `-${SMALL}`)

/** The address of a picture, 400 wide, which says what lies beside it: the shop's `picture-widths.ts` reads that. */
export const pictureUrl = (image: string): string => `/images/${image}?wide=400&also=${SMALL}`

/** Reads every section file of this folder. */
export function readCatalogue(): Catalogue {
  const sections = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): CatalogueSection => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')))
  const isChild = (section: CatalogueSection) => Number(section.category.parent !== undefined)
  return sections.sort((one, other) => isChild(one) - isChild(other))
}
