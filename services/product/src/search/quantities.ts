const g = 'g gm gms gr grm grms gram grams gramme grammes گرام'
const kg = 'kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes کلو کیلو کلوگرام'
const ml = 'ml mls millilitre millilitres milliliter milliliters'
const l = 'l lt lts ltr ltrs litre litres liter liters لیٹر لٹر'
const pieces = 'pc pcs piece pieces pack packs packet packets عدد'

/** How each unit is written, what it is counted in, and how many of that it is. */
const units = new Map<string, { base: string; times: number }>()
for (const [writings, base, times] of [
  [g, 'g', 1],
  [kg, 'g', 1_000],
  ['mg milligram milligrams', 'g', 0.001],
  ['pao paao pau پاو', 'g', 250],
  [ml, 'ml', 1],
  ['cl centilitre centiliter', 'ml', 10],
  [l, 'ml', 1_000],
  ['mm millimetre millimeter millimetres millimeters', 'mm', 1],
  ['cm cms centimetre centimeter centimetres centimeters', 'mm', 10],
  ['m mtr metre metres meter meters میٹر', 'mm', 1_000],
  ['inch inches', 'inch', 1],
  ['w watt watts واٹ', 'w', 1],
  ['v volt volts', 'v', 1],
  ['mah', 'mah', 1],
  ['gb', 'gb', 1],
  ['tb', 'gb', 1_000],
  [pieces, 'pc', 1],
  ['dozen dozens dz darjan درجن', 'pc', 12],
] as const)
  for (const writing of writings.split(' ')) units.set(writing, { base, times })

const numbers = new Map<string, number>()
for (const [writings, value] of [
  ['half adha aadha adhi aadhi adh آدھا ادھا ادہا', 0.5],
  ['quarter', 0.25],
  ['one ek aik ایک', 1],
  ['dedh derh ڈیڑہ', 1.5],
  ['two do دو', 2],
  ['dhai ڈہای', 2.5],
  ['three teen تین', 3],
  ['four char چار', 4],
  ['five panch paanch پانچ', 5],
  ['six', 6],
  ['ten das دس', 10],
  ['twelve', 12],
  ['twenty bees بیس', 20],
] as const)
  for (const writing of writings.split(' ')) numbers.set(writing, value)

const oneOf = (words: Iterable<string>) => [...words].sort((one, other) => other.length - one.length).join('|')
const amount = `\\d+\\s*/\\s*\\d+|\\d+(?:[.,]\\d+)*|${oneOf(numbers.keys())}`
const counted = `(${amount})[\\s-]*(?:a\\s+)?(${oneOf(units.keys())})`
const alone = '(dozen|darjan|درجن|pao|paao)'
const packOf = '(?:pack|packet|box|set|case|tray|bag|tin|jar|carton)s? of (\\d+)'
const quantity = new RegExp(`(?<![\\p{L}\\p{N}.])(?:${counted}|${alone}|${packOf})(?![\\p{L}\\p{N}])`, 'gu')

export interface Quantity {
  /** `1 kg`, `1000 gm` and `ایک کلو` are all `1000g`. */
  readonly text: string
  /** Of what is counted, as one may look for the 6 of "half dozen". */
  readonly number: string | null
}

/** The amounts in a folded text, and the text without them. */
export function quantitiesIn(folded: string): { quantities: Quantity[]; rest: string } {
  const quantities: Quantity[] = []
  const spread = folded.replaceAll('\u2044', '/').replaceAll(/(\d)\s*[x×*]\s*(?=\d)/g, '$1 x ')
  const rest = spread.replaceAll(quantity, (_, written?: string, unit?: string, alone?: string, packed?: string) => {
    const { base, times } = units.get(unit ?? alone ?? 'pc')!
    const value = amountOf(written ?? packed ?? 'one')
    const number = plain(value * times)
    quantities.push({ text: `${number}${base}`, number: base === 'pc' ? number : null })
    return ' ; '
  })
  return { quantities, rest }
}

const plain = (value: number): string => String(Math.round(value * 1_000) / 1_000)

function amountOf(written: string): number {
  const word = numbers.get(written)
  if (word !== undefined) return word
  const [above, below] = written.split('/').map(Number)
  if (below) return above! / below
  // A comma before three digits parts thousands, any other is a decimal point.
  const decimal = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(written) ? written.replaceAll(',', '') : written.replace(',', '.')
  return Number.parseFloat(decimal)
}
