import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MessageKind, MessageShape } from '@mart/contracts/http/notification-shapes'
import { type MessageData, staffKinds } from '../src/message.ts'
import { type Rendered, render } from '../src/templates/render.ts'

function written<Kind extends MessageKind>(kind: Kind, data: MessageData[Kind], more: Partial<Rendered> = {}) {
  const order = { order_number: 'M-100023', recipient_name: 'Ayesha', is_proven: true }
  const mail = render({ kind, data, language: 'en', ...order, ...more })
  assert.ok(mail)
  return mail
}

const pkr = (amount: number) => ({ amount, currency: 'PKR' })
const script = '<script>alert("x")</script>'
const lines = [{ sku: 'TEA', name: 'Tapal Danedar 450 g', quantity: 2, unit_price: 89_900 }]
const received: MessageData['order_received'] = {
  lines,
  subtotal: pkr(179_800),
  shipping: pkr(20_000),
  total: pkr(199_800),
  payment_method: 'cash_on_delivery',
  shipping_address: {
    name: 'Ayesha Khan',
    line1: 'House 5',
    city: 'Lahore',
    postal_code: '54000',
    country: 'PK',
    phone: '03001234567',
  },
}
const confirmed: MessageData['order_confirmed'] = {
  lines,
  shipping: pkr(20_000),
  total: pkr(199_800),
  payment_method: 'cash_on_delivery',
}
const cancelled: MessageData['order_cancelled'] = {
  reason: 'customer_request',
  missing: [],
  refunding: false,
  total: pkr(199_800),
}
const refund = { order_id: '019ab000-0000-7000-8000-000000000001', method: 'stripe' as const, reason: 'late <money>' }

const returned = [{ sku: 'TEA', name: 'Tapal Danedar 450 g', quantity: 2, reason: 'damaged' as const }]

/** Each kind, and the words that must be in its subject, text and HTML. */
const expected: { [Kind in MessageKind]: { data: MessageData[Kind]; subject: RegExp; words: RegExp[] } } = {
  order_received: {
    data: received,
    subject: /received .*M-100023/,
    words: [/2 × Tapal Danedar 450 g/, /Rs\s1,798/, /Rs\s200/, /Rs\s1,998/, /Lahore/, /Cash on delivery/],
  },
  order_confirmed: { data: confirmed, subject: /M-100023 is confirmed/, words: [/Rs\s1,998/, /Hello Ayesha,/] },
  order_cancelled: {
    data: cancelled,
    subject: /M-100023 was cancelled/,
    words: [/You asked for it/, /nothing to pay/],
  },
  order_shipped: {
    data: { carrier: 'TCS', tracking_number: 'TCS-778' },
    subject: /M-100023 is on its way/,
    words: [/TCS-778/, /Carrier/],
  },
  order_delivered: {
    data: { collected: pkr(199_800) },
    subject: /M-100023 was delivered/,
    words: [/Rs\s1,998 in cash/],
  },
  order_undelivered: {
    data: { reason: 'nobody at home' },
    subject: /M-100023 could not be delivered/,
    words: [/nobody at home/],
  },
  order_address_changed: {
    data: {},
    subject: /M-100023 goes to another address/,
    words: [/answer this mail at once/],
  },
  payment_link: {
    data: { amount: pkr(5_000), url: 'https://pay.example/p/1' },
    subject: /pay .*M-100023/,
    words: [/Rs\s50/, /https:\/\/pay\.example\/p\/1/],
  },
  payment_refunded: {
    data: { refunded: pkr(5_000), method: 'stripe' },
    subject: /M-100023 .*way back/,
    words: [/Rs\s50/, /Card/],
  },
  return_requested: {
    data: { lines: returned, refund: pkr(179_800) },
    subject: /send something back of order M-100023/,
    words: [/2 × Tapal Danedar 450 g/, /It is damaged/],
  },
  return_approved: {
    data: { lines: returned, refund: pkr(179_800) },
    subject: /send it back: order M-100023/,
    words: [/2 × Tapal Danedar 450 g/, /Rs\s1,798/, /delivery charge goes back when everything/],
  },
  return_refused: {
    data: { lines: returned, reason: 'It was opened.' },
    subject: /cannot take this back: order M-100023/,
    words: [/It was opened\./, /Tapal Danedar/],
  },
  return_withdrawn: {
    data: { lines: returned },
    subject: /You keep it: order M-100023/,
    words: [/2 × Tapal Danedar 450 g/, /answer this mail at once/],
  },
  return_received: {
    data: {
      lines: returned,
      received: [
        { sku: 'TEA', quantity: 1, condition: 'sellable' },
        { sku: 'TEA', quantity: 1, condition: 'damaged' },
      ],
      refund: pkr(179_800),
      payment_method: 'stripe',
    },
    subject: /come back: order M-100023/,
    words: [/Rs\s1,798, the way it came/, /Tapal Danedar 450 g/],
  },
  return_to_decide: {
    data: {
      number: 'M-100023',
      return_id: '019ab000-0000-7000-8000-000000000002',
      lines: returned,
      refund: pkr(1_000),
    },
    subject: /order M-100023/,
    words: [/Rs\s10/, /019ab000/, /2 × Tapal Danedar 450 g/, /It is damaged/],
  },
  return_called_off: {
    data: { number: 'M-100023', return_id: '019ab000-0000-7000-8000-000000000002', lines: returned },
    subject: /Nothing is sent back: order M-100023/,
    words: [/019ab000/, /2 × Tapal Danedar 450 g/, /nothing to wait for/],
  },
  welcome: { data: {}, subject: /Welcome/, words: [/Hello Ayesha,/] },
  back_in_stock: {
    data: { sku_key: 'TEA-1', name: 'Tapal Danedar, 450 g', url: 'https://mart.example/p/tea?sku=TEA-1' },
    subject: /Back in stock: Tapal Danedar, 450 g/,
    words: [/https:\/\/mart.example\/p\/tea\?sku=TEA-1/, /only one about it/],
  },
  stock_low: {
    data: { sku: 'TEA-1', available: 2, low_stock_at: 5 },
    subject: /low: TEA-1/,
    words: [/Available/, /2/],
  },
  refund_needed: {
    data: { ...refund, to_refund: pkr(5_000) },
    subject: /Rs\s50/,
    words: [/019ab000/, /refund tasks/],
  },
  dispute_closed: {
    data: { ...refund, disputed: pkr(5_000), won: false },
    subject: /dispute is lost: Rs\s50/,
    words: [/019ab000/, /cancel the order/],
  },
  payment_disputed: { data: { ...refund, disputed: pkr(5_000) }, subject: /disputed: Rs\s50/, words: [/019ab000/] },
}

describe('a letter', () => {
  for (const [kind, { data, subject, words }] of Object.entries(expected)) {
    it(`of kind ${kind} says what matters, in the subject, as text and as HTML`, () => {
      const mail = written(kind as MessageKind, data)
      assert.match(mail.subject, subject)
      for (const word of words) {
        assert.match(mail.text, word)
        assert.match(mail.html, word)
      }
    })
  }

  it('shows script in names as text, wherever it stands', () => {
    const mails = [
      written('order_received', {
        ...received,
        lines: [{ sku: 'TEA', name: script, quantity: 1, unit_price: 1 }],
        shipping_address: { ...received.shipping_address, line1: script },
      }),
      written('order_cancelled', { ...cancelled, reason: 'out_of_stock', missing: [{ sku: 'TEA', name: script }] }),
      written('order_undelivered', { reason: script }),
      written('order_shipped', { carrier: script, tracking_number: `" onmouseover="x` }),
      written('welcome', {}, { recipient_name: script }),
      written('stock_low', { sku: script, available: 1, low_stock_at: 2 }),
      written('payment_disputed', { ...refund, reason: script, disputed: pkr(1) }),
    ]
    for (const { html } of mails) {
      assert.doesNotMatch(html, /<script|" onmouseover/)
      assert.match(html, /&lt;script&gt;|&quot; onmouseover/)
    }
  })

  it('to an address that is not proven has nothing in it that the buyer wrote, and to a proven one no link of his', () => {
    const ad = 'Win at evil.example'
    const address = { ...received.shipping_address, name: ad, line1: ad, line2: ad, city: ad, region: ad }
    const data = { ...received, shipping_address: address }
    const all = (is_proven: boolean) =>
      JSON.stringify(written('order_received', data, { recipient_name: ad, is_proven }))
    assert.doesNotMatch(all(false), /Win at|evil|House|Delivered to|54000/)
    assert.match(all(true), /Hello Win at,/)
    assert.match(all(true), /Delivered to: Win at, Win at,/)
    assert.doesNotMatch(all(true), /evil/)
    for (const [kind, { data: facts }] of Object.entries(expected)) {
      const mail = written(kind as MessageKind, facts, { recipient_name: ad, is_proven: false })
      assert.doesNotMatch(JSON.stringify(mail), /Win at|evil/, kind)
    }
  })

  it('makes no link of what is none of the web', () => {
    const { html } = written('payment_link', { amount: pkr(1), url: 'javascript:alert(1)' })
    assert.doesNotMatch(html, /href/)
    const quoted = written('payment_link', { amount: pkr(1), url: 'https://x.example/"><script>' })
    assert.match(quoted.html, /href="https:\/\/x\.example\/&quot;&gt;&lt;script&gt;"/)
  })

  it('keeps a name on one line, so that it cannot pretend to be a paragraph', () => {
    const { text } = written('order_shipped', { carrier: 'TCS\n\nYour account is locked', tracking_number: '1' })
    assert.match(text, /^Carrier: TCS Your account is locked$/m)
  })

  it('writes amounts as their currency wants them', () => {
    const amounts = [
      ['PKR', 'Rs 1,234.56'],
      ['USD', '$1,234.56'],
      ['JPY', '¥123,456'],
      ['KWD', 'KWD 123.456'],
    ] as const
    for (const [currency, shown] of amounts) {
      const { text, html } = written('order_delivered', { collected: { amount: 123_456, currency } })
      for (const part of [text, html]) assert.ok(part.replaceAll('\u00a0', ' ').includes(shown), part)
    }
  })

  it('tells each reason of a cancellation in plain words, names what is missing, and says where the money is', () => {
    const text = (changes: Partial<typeof cancelled>) => written('order_cancelled', { ...cancelled, ...changes }).text
    assert.match(
      text({
        reason: 'out_of_stock',
        missing: [
          { sku: 'M', name: 'Milk' },
          { sku: 'T', name: 'Tea' },
        ],
      }),
      /Missing: Milk and Tea\./,
    )
    assert.match(text({ reason: 'payment_timeout' }), /did not arrive in time/)
    assert.match(text({ reason: 'payment_failed' }), /did not succeed/)
    assert.match(text({ reason: 'staff_request' }), /Our staff/)
    assert.match(text({ reason: 'customer_request', refunding: true }), /Rs\s1,998\) is on its way back/)
    assert.match(text({ reason: 'refunded' }), /Rs\s1,998\) was sent back/)
  })

  it('falls back to English for a language without texts, whatever it is called', () => {
    for (const language of ['de', 'constructor', '']) {
      const { text } = written('order_confirmed', confirmed, { language })
      assert.match(text, /is set aside for you/)
      assert.match(text, /1,998/)
    }
  })

  it('of every kind is there in Urdu, from right to left; the shop’s own people are written to in English', () => {
    const kinds = MessageShape.properties.kind.enum
    assert.deepEqual(Object.keys(expected).sort(), [...kinds].sort())
    for (const kind of kinds) {
      const mail = written(kind, expected[kind].data, { language: 'ur' })
      const isStaffs = staffKinds.includes(kind)
      const [heading, ...paragraphs] = mail.text.split('\n\n-- \n')[0]!.split('\n\n')
      for (const text of [mail.subject, heading!, ...paragraphs.filter((one) => !/^(\d|https?:|Tapal)/.test(one))])
        assert.equal(/\p{Script=Arabic}/u.test(text), !isStaffs, `${kind}: ${text}`)
      assert.match(mail.html, isStaffs ? /<html lang="en" dir="ltr">/ : /<html lang="ur" dir="rtl">/)
    }
  })

  it('in Urdu writes amounts as its readers do, and marks what stays in English', () => {
    const { text, html } = written('order_received', received, { language: 'ur' })
    assert.match(text, /السلام علیکم Ayesha،/)
    assert.match(text, /کل: Rs\s1,998\n/)
    assert.match(html, /<bdi lang="en" dir="ltr">2 × Tapal Danedar 450 g<\/bdi>/)
    const ofOrder = { kind: 'order_received', data: received, language: 'ur', order_number: 'M-1' } as const
    const linked = render({ ...ofOrder, recipient_name: null, is_proven: false }, 'https://mart.example/orders/1')
    assert.match(linked!.text, /\n\nدکان میں آپ کا آرڈر:\nhttps:/)
  })

  it('calls goods what they are called in Urdu, each where it has a name there, and in English to everybody else', () => {
    const translations = { ur: { name: 'ٹپال دانے دار، 450 گرام' } }
    const two = <Line extends { name: string }>([line]: readonly Line[]) => [
      { ...line!, sku: 'TEA', translations },
      { ...line!, sku: 'MILK', name: 'Milk' },
    ]
    const missing = two([{ sku: '', name: 'Tapal Danedar 450 g' }])
    const back = two(returned)
    const letters = [
      written('order_received', { ...received, lines: two(lines) }, { language: 'ur' }),
      written('order_confirmed', { ...confirmed, lines: two(lines) }, { language: 'ur' }),
      written('order_cancelled', { ...cancelled, reason: 'out_of_stock', missing }, { language: 'ur' }),
      written('return_requested', { lines: back, refund: pkr(1) }, { language: 'ur' }),
      written('return_approved', { lines: back, refund: pkr(1) }, { language: 'ur' }),
      written('return_refused', { lines: back, reason: 'کھلا ہوا' }, { language: 'ur' }),
      written('return_withdrawn', { lines: back }, { language: 'ur' }),
      written(
        'return_received',
        {
          lines: back,
          received: back.map(({ sku }) => ({ sku, quantity: 1, condition: 'sellable' as const })),
          refund: pkr(1),
          payment_method: 'stripe',
        },
        { language: 'ur' },
      ),
    ]
    for (const { subject, text, html } of letters) {
      assert.match(text, /ٹپال دانے دار، 450 گرام/, subject)
      assert.doesNotMatch(text, /Tapal/, subject)
      assert.match(html, /<bdi lang="en" dir="ltr">(2 × )?Milk<\/bdi>/, subject)
    }
    assert.match(written('order_received', { ...received, lines: two(lines) }).text, /2 × Tapal Danedar 450 g: /)
    const alert = { sku_key: 'TEA', name: 'Tapal Danedar', url: null }
    const inUrdu = written('back_in_stock', { ...alert, translations }, { language: 'ur' })
    assert.equal(inUrdu.subject, 'دوبارہ دستیاب: ٹپال دانے دار، 450 گرام')
    assert.doesNotMatch(inUrdu.text, /Tapal/)
    assert.match(
      written('back_in_stock', alert, { language: 'ur' }).html,
      /<bdi lang="en" dir="ltr">Tapal Danedar<\/bdi>/,
    )
    const lies = { number: 'M-1', return_id: 'r', lines: back, refund: pkr(1) }
    assert.match(written('return_to_decide', lies, { language: 'ur' }).text, /2 × Tapal Danedar 450 g: It is damaged/)
  })

  it('has colours for the dark, 600 pixels, and nothing that has to be fetched', () => {
    const { html } = written('order_confirmed', confirmed)
    assert.match(html, /@media \(prefers-color-scheme: dark\)/)
    assert.match(html, /max-width:600px/)
    assert.doesNotMatch(html, /<img|url\(|<link/)
  })

  it('is none once its person was erased', () => {
    assert.equal(
      render({
        kind: 'welcome',
        data: null,
        language: 'en',
        order_number: null,
        recipient_name: null,
        is_proven: true,
      }),
      null,
    )
  })
})
