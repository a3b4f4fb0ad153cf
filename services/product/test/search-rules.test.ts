import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { foldedText, tokensOf } from '../src/search/letters.ts'
import { wordsOfListing } from '../src/search/listing-words.ts'
import { quantitiesIn } from '../src/search/quantities.ts'
import { readQuestion } from '../src/search/question.ts'
import { type Clues, groupOf, guessed, isHopeless, unprovenWords, without } from '../src/search/spelling.ts'
import { parseSynonyms } from '../src/search/synonyms.ts'
import { searchOf } from '../src/search/tsquery.ts'
import { consonantsOf, isSlip, lexemeOf, slipsBetween, soundOf } from '../src/search/word-forms.ts'

const shipped = parseSynonyms(readFileSync(new URL('../synonyms.txt', import.meta.url), 'utf8'))
const none = parseSynonyms('')
const noClues: Clues = { alike: [], goesOn: false, splits: [] }
const termsOf = (query: string, synonyms = none) => readQuestion(query, synonyms).terms

describe('letters', () => {
  test('have neither accents nor punctuation, and no case', () => {
    assert.deepEqual(
      tokensOf(foldedText("Chef's Crème, l’Oréal & M&Ms Straße")).map(({ text }) => text),
      ['chef', 'creme', 'loreal', 'm', 'ms', 'strasse'],
    )
  })

  for (const [one, other] of [
    ['چيني', 'چینی'],
    ['ﭼﯿﻨﯽ', 'چینی'],
    ['كيك', 'کیک'],
    ['آٹا', 'اٹا'],
    ['أرز', 'ارز'],
    ['مؤنث', 'مونث'],
    ['قهوة', 'قہوہ'],
    ['مچھلی', 'مچهلي'],
    ['دُودھ', 'دودھ'],
    ['چـــائے', 'چائے'],
    ['چائے', 'چاۓ'],
    ['می\u200cوہ', 'میوہ'],
    ['\u200fدہی\u200e', 'دہی'],
    ['٤٥٠', '450'],
    ['۴۵۰', '450'],
    ['４５０', '450'],
  ])
    test(`of two forms are one: ${one} ${other}`, () => assert.equal(foldedText(one!), foldedText(other!)))
})

describe('inflections', () => {
  for (const [
    one,
    many,
  ] of `nappy nappies, battery batteries, tomato tomatoes, potato potatoes, mango mangoes, box boxes,
    glass glasses, dish dishes, brush brushes, match matches, peach peaches, knife knives, loaf loaves, leaf leaves, half halves,
    egg eggs, orange oranges, biscuit biscuits, chilli chillies, chili chilies, cookie cookies, olive olives, glove gloves,
    clove cloves, spice spices, juice juices, cheese cheeses, slice slices, baby babies, toy toys, bus buses, quiz quizzes,
    child children, tooth teeth, foot feet, man men, mouse mice, radish radishes, lens lenses, candy candies, pie pies`
    .split(',')
    .map((pair) => pair.trim().split(' ')))
    test(`of one word are one: ${one} ${many}`, () => assert.equal(lexemeOf(one!), lexemeOf(many!)))

  test('leave other words apart, and never become a word that says nothing', () => {
    for (const [one, other] of ['butter batter', 'rice spice', 'oil foil', 'pan pen', 'ande and', 'glass gas'].map(
      (pair) => pair.split(' '),
    ))
      assert.notEqual(lexemeOf(one!), lexemeOf(other!))
  })
})

describe('amounts', () => {
  for (const [text, writings] of Object.entries({
    '450g': ['450g', '450 g', '450 gm', '450gms', '450 grams', '0.45 kg', '٤٥٠ گرام', '450-gram', '450 Gr'],
    '1000g': ['1kg', '1 kg', '1 kilo', '1000 g', '1,000 g', 'one kilo', 'ek kilo', 'ایک کلو', '1 KGs'],
    '500g': ['half kg', '½ kg', '1/2 kg', 'half a kilo', 'aadha kilo', '0.5kg', '0,5 kg', '500 gm'],
    '1000ml': ['1l', '1 l', '1 litre', '1 liter', '1ltr', '1 Ltr', '1000 ml', 'ایک لیٹر', '1 lt'],
    '1500ml': ['1.5L', '1.5 l', '1,5 litre', '1500ml', 'dedh litre', '1.5 litres'],
    '12pc': ['12 pieces', 'dozen', '1 dozen', 'darjan', 'pack of 12', '12 pcs', '12-pack', 'box of 12'],
    '6pc': ['half dozen', '6 pieces', 'pack of 6'],
    '9w': ['9w', '9 watt', '9 Watts'],
    '280mm': ['28 cm', '280mm', '28cm'],
  }))
    for (const writing of writings)
      test(`are read: ${writing}`, () =>
        assert.deepEqual(
          quantitiesIn(foldedText(writing)).quantities.map((quantity) => quantity.text),
          [text],
        ))

  test('are not seen where none is', () => {
    for (const text of ['grams', 'a5g', '7 up', 'v8 splash', 'half price', 'e27', 'litre', '1.2.3', 'kg'])
      assert.deepEqual(quantitiesIn(text).quantities, [], text)
  })
})

describe('sounds and slips', () => {
  for (const alike of [
    'doodh dudh dood',
    'cheeni chini chinee',
    'atta aata ata',
    'chawal chaval chaawal',
    'chai chay chaye',
    'ghee ghi',
    'daal dal dahl',
    'aloo alu aaloo',
    'zeera zira',
    'qeema keema kima',
    'juice juce',
    'rice rise',
    'cheese cheez',
    'tea tee',
    'egg egs',
  ])
    test(`are one: ${alike}`, () => {
      const [first, ...others] = alike.split(' ')
      for (const other of others)
        assert.ok(isSlip(soundOf(other), soundOf(first!)), `${soundOf(first!)} ${soundOf(other)}`)
    })

  test('a slip is a letter left out, put in, changed or swapped', () => {
    assert.deepEqual(
      ['mik', 'millk', 'mild', 'mlik', 'milk', 'lime'].map((typed) => slipsBetween(typed, 'milk')),
      [1, 1, 1, 1, 0, 3],
    )
  })

  test('a short word is not changed into another', () => {
    for (const [typed, meant] of [
      'dog dig',
      'cat can',
      'car cap',
      'pen pan',
      'food good',
      'jacket packet',
      'laptop lollipop',
    ].map((pair) => pair.split(' ')))
      assert.equal(isSlip(soundOf(typed!), soundOf(meant!)), false, `${typed} ${meant}`)
  })

  test('Urdu and Roman Urdu have the same consonants', () => {
    for (const [urdu, roman] of [
      ['باسمتی', 'basmati'],
      ['ٹپال', 'tapal'],
      ['بریانی', 'biryani'],
      ['کڑاہی', 'karahi'],
      ['نہاری', 'nihari'],
      ['دانیدار', 'danedar'],
    ])
      assert.equal(consonantsOf(soundOf(foldedText(urdu!))), consonantsOf(soundOf(roman!)))
  })
})

describe('synonyms', () => {
  const meaningOf = (query: string, text: string) => {
    const [term] = termsOf(query, parseSynonyms(text))
    return { same: term!.same.map((phrase) => phrase.join(' ')), near: term!.near.map((phrase) => phrase.join(' ')) }
  }

  test('of a line find each other, those behind an arrow are only found', () => {
    const text = 'doodh, dudh, milk # a comment\n\npatti => tea, coffee'
    assert.deepEqual(meaningOf('dudh', text), { same: ['doodh', 'milk'], near: [] })
    assert.deepEqual(meaningOf('patti', text), { same: [], near: ['tea', 'coffe'] })
    assert.deepEqual(meaningOf('tea', text), { same: [], near: [] })
  })

  test('may be phrases, in any order, in one word, and spelled as they sound', () => {
    const text = 'moong phali, peanut'
    for (const query of ['moong phali', 'mung phali', 'phali moong', 'moongphali'])
      assert.deepEqual(meaningOf(query, text).same, ['peanut'], query)
  })

  test('that are neither kind of line are named', () => {
    for (const line of ['milk', 'a => b => c', 'milk, ', 'milk =>', 'one, two three four five six seven'])
      assert.throws(() => parseSynonyms(`sugar, cheeni\n${line}`), /line 2/, line)
  })

  test('are shipped for what the issue of spelling is about', () => {
    for (const [typed, meant] of [
      'atta aata',
      'daal dal',
      'doodh milk',
      'dudh milk',
      'chawal rice',
      'cheeni sugar',
      'namak salt',
      'anday egg',
      'murgh chicken',
      'چيني sugar',
    ].map((pair) => pair.split(' ')))
      assert.ok(
        termsOf(typed!, shipped)[0]!.same.some(([word]) => word === lexemeOf(meant!)),
        `${typed} ${meant}`,
      )
  })
})

describe('a question', () => {
  const texts = (query: string) => termsOf(query).map(({ text }) => text)

  test('leaves out the words that say nothing', () => {
    assert.deepEqual(texts('something to make a biryani with'), ['biryani'])
    assert.deepEqual(texts('the oil for frying and baking of fish'), ['oil', 'frying', 'baking', 'fish'])
    assert.deepEqual(texts('moong ki dal'), ['moong', 'dal'])
    assert.deepEqual(texts('for the'), [])
  })

  test('has amounts apart', () => {
    assert.deepEqual(texts('tapal 450 gm tea'), ['tapal', 'tea', '450g'])
  })

  test('goes on at its last word, and knows what is written together', () => {
    const [tooth, paste] = termsOf('tooth pas')
    assert.deepEqual(
      [tooth?.joined, paste?.joined, tooth?.mayGoOn, paste?.mayGoOn],
      [['toothpa'], ['toothpa'], true, true],
    )
    assert.equal(termsOf('car tyre')[0]?.mayGoOn, false)
  })

  test('asks for a known word alone, and for what an unknown one may be', () => {
    const [term] = termsOf('mlik')
    const known = groupOf(term!, new Set(['mlik']))
    assert.deepEqual([known.sure, known.perhaps, known.isKnown], [[['mlik']], [], true])
    const unknown = groupOf(term!, new Set())
    const meant = (clues: Partial<Clues>) => guessed(unknown, term!, { ...noClues, ...clues }, none).perhaps
    const alike = [
      { word: 'milk', sound: 'milk' },
      { word: 'silk', sound: 'silk' },
    ]
    assert.deepEqual(meant({ alike }), [['milk']])
    assert.deepEqual(meant({ goesOn: true }), [['mlik*']])
    assert.deepEqual(meant({ splits: [['ml', 'ik']] }), [['ml', 'ik']])
    assert.equal(isHopeless(guessed(unknown, term!, noClues, none)), true)
  })

  test('has only those synonyms that the shop has a word for', () => {
    const [term] = termsOf('doodh', parseSynonyms('doodh, milk, dudh => cream\ndoodh, milk, sheer'))
    assert.deepEqual(groupOf(term!, new Set(['milk', 'cream'])).sure, [['doodh'], ['milk']])
  })

  test('that is guessed from the list of synonyms alone stands for what the shop has of it', () => {
    const synonyms = parseSynonyms('samosa, singara\nsamose, pakora')
    const [term] = termsOf('samosi', synonyms)
    const alike = [{ word: 'samoso', sound: 'samoso' }]
    const group = guessed(groupOf(term!, new Set()), term!, { ...noClues, alike }, synonyms)
    assert.deepEqual(unprovenWords(group, { alike }).includes('samoso'), false)
    assert.deepEqual(unprovenWords(group, { alike }).includes('samosa'), true)
    const left = without(group, new Set(unprovenWords(group, { alike })))
    assert.deepEqual(left.perhaps, [['samoso']])
    const nothing = guessed(groupOf(term!, new Set()), term!, noClues, synonyms)
    assert.equal(isHopeless(without(nothing, new Set(unprovenWords(nothing, noClues)))), true)
  })

  test('is answered by all words, then by some, then by what a thing is called', () => {
    const levels = (query: string) => {
      const question = readQuestion(query, none)
      return searchOf(
        question,
        question.terms.map((term) => groupOf(term, new Set())),
      ).levels
    }
    assert.deepEqual(levels('tea'), ["('tea')|'=tea'|'#tea'"])
    assert.deepEqual(levels('green tea'), [
      "('green')&('tea')|'=greentea'|'#greentea'",
      "('green')&('tea')|('green':ABC)|('tea':ABC)|'=greentea'|'#greentea'",
    ])
    assert.equal(levels('a b c d e f g h i j k')[0]?.match(/&/g)?.length, 7)
    assert.deepEqual(levels('the'), ["'=the'|'#the'"])
  })

  test('never gets out of its quotes', () => {
    const question = readQuestion("a'b \\ & | ! :* ('x') <-> =y #z", none)
    assert.deepEqual(
      question.terms.map(({ lexeme }) => lexeme),
      ['ab', 'x', 'y', 'z'],
    )
    assert.equal(question.compact, 'abxyz')
  })
})

describe('the words of a listing', () => {
  const words = (name: string, more: object = {}) =>
    Object.fromEntries(
      wordsOfListing({ name, description: '', variants: [], categories: [], aboveCategories: [], ...more })
        .tsvector.split(' ')
        .map(
          (part) =>
            part
              .replaceAll(/[\d,']+(?=[A-D])/g, '')
              .replaceAll("'", '')
              .split(/:(?=[A-D]+$)/) as [string, string],
        ),
    )

  test('say first what the thing is', () => {
    const heads = (name: string) =>
      Object.entries(words(name)).flatMap(([word, weights]) => (weights === 'A' && !word.startsWith('=') ? word : []))
    assert.deepEqual(heads('Subah Milk Bread'), ['bread'])
    assert.deepEqual(heads('Whole Chicken, Skinless'), ['chicken'])
    assert.deepEqual(heads('Gulab Jamun in Syrup'), ['jamun'])
    assert.deepEqual(heads('Green Chillies (Hari Mirch)'), ['chilli', 'hari', 'mirch'])
    assert.deepEqual(heads('Coca-Cola 1.5L'), ['cola'])
  })

  test('are joined as they may be written, and hold the whole name, the SKU and its parts, and amounts', () => {
    const found = words('Milk Pak 1 kg', {
      variants: [{ sku: 'TEA-td/450', name: '2x500 ml', options: { colour: 'Red' } }],
    })
    for (const word of ['milkpak', '=milkpak1kg', '#teatd450', '#td450', '500ml', 'red', '1000g'])
      assert.ok(found[word], word)
    assert.equal(found['tea'], undefined)
  })

  test('stay in their quotes', () => {
    assert.equal(
      wordsOfListing({ name: "it's \\ tea", description: '', variants: [], categories: [], aboveCategories: [] })
        .tsvector,
      "'tea':1A 'it':2B '=ittea':3A",
    )
  })
})
