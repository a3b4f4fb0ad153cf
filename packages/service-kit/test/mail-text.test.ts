import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { escapeHtml, oneLine, plainName, withoutLinks } from '../src/mail-text.ts'
import { type Allowance, beyondLimit, type MailCount, mailboxOf } from '../src/unproven-mails.ts'

describe('a name in a mail', () => {
  it('stays as it is when it is a name', () => {
    for (const name of [
      'Ayesha Khan',
      "Sinéad O'Brien",
      'Jean-Luc',
      'نور جہاں',
      'می\u200cخواهم',
      'क्\u200dष',
      'Dr. Khan',
      'Martin King, Jr.',
      'Ali S/O Hassan',
      '👨‍👩‍👧‍👦 family',
      '❤️ love',
      'D’Souza & Sons (Pvt)',
      'Henry 8',
    ]) {
      assert.equal(plainName(name), name)
    }
  })

  it('loses what a mail program makes a link of, however it is written', () => {
    const links =
      `evil.example www.evil.example https://evil.example/x http://evil //evil evil.com. (evil.com) [evil.com]
      <evil.com> "evil.com" evil.com:80 evil.com/x x.com t.co 1.2.3.4 localhost:8080 a@evil.com mailto:a tel:1 javascript:x
      evil。com evil．com evil｡com evil․com 𝐞𝐯𝐢𝐥.𝐜𝐨𝐦 ａ＠evil．com хакер.рф 例子.中国 evil.عرب xn--e1a.xn--p1ai 💩.la
      ev\u200bil.com evil\u200b.com evil.\u200bcom ev\u00adil.com evil\u200d.com evil\u2063.com evil\ufeff.com \u3164evil.com
      e\u202ev\u202cil.com evil..com https:\\\\evil.com www。evil.Com hxxp:x`.split(/[ \n]+/)
    for (const link of links) {
      assert.equal(plainName(link), '', JSON.stringify(link))
      assert.equal(plainName(`Win at ${link} now`), 'Win at now', JSON.stringify(link))
    }
    assert.equal(withoutLinks('House 5\nevil.example, Street 0300 1234567'), 'House 5 Street 0300 1234567')
  })

  it('keeps initials and titles, apart, so that nothing takes them for a domain', () => {
    assert.equal(plainName('J.R.R. Tolkien'), 'J. R. R. Tolkien')
    assert.equal(plainName('M.Khan'), 'M. Khan')
    assert.equal(plainName('Ch.Nadeem'), 'Ch. Nadeem')
    assert.equal(plainName('EVIL.COM'), 'EVIL. COM')
  })

  it('loses telephone numbers in any digits, signs that nobody sees, and what turns the direction of writing', () => {
    assert.equal(plainName('Call +92 (300) 123-4567 now'), 'Call now')
    assert.equal(plainName('Call ۰۳۰۰\u200b۱۲۳۴۵۶۷'), 'Call')
    assert.equal(plainName('a\u202eb\u2066c\u0007d\ud800e\u2800f'), 'abc d e f')
    assert.equal(plainName(`Z${'\u0301'.repeat(1_000)}`), `Ź${'\u0301'.repeat(3)}`.normalize('NFKC') + '\u0301')
    for (const nothing of ['', ' \u00a0', '\u200b\u3164', '...', '---', '\u0301']) assert.equal(plainName(nothing), '')
  })

  it('is cut between graphemes', () => {
    const family = '👨‍👩‍👧'
    assert.equal(plainName('a'.repeat(79) + family + family), 'a'.repeat(79) + family)
    assert.equal(plainName(family.repeat(200)), family.repeat(80))
    assert.equal(plainName('é'.repeat(200).normalize('NFD')), 'é'.repeat(80))
  })

  it('takes no longer the longer it is', () => {
    for (const part of ['a.', '1 ', '\u0301', '\u200d', '@', '//', 'www.', '👨‍', 'a:', '۰', '. ']) {
      const startedAt = performance.now()
      plainName(part.repeat(100_000))
      assert.ok(performance.now() - startedAt < 2_000, JSON.stringify(part))
    }
  })
})

describe('text in a mail', () => {
  it('is on one line, without control and bidi characters, so that no header and no paragraph begins in it', () => {
    assert.equal(oneLine(' Eve\r\nBcc: all@example.com\u0000\u2028x \u202e\ud800'), 'Eve Bcc: all@example.com x')
  })

  it('is no markup', () => {
    assert.equal(escapeHtml(`<b>"&'`), '&lt;b&gt;&quot;&amp;&#39;')
  })
})

describe('what would be too many mails for an address that is not proven', () => {
  const share = 'newAddress' // 3 an hour, 5 a day
  const beyond = (mails: string[], before: Record<string, MailCount> = {}, shares: Allowance['share'][] = []) =>
    [
      ...beyondLimit(
        mails.map((to, n) => ({ to, n })),
        {
          allowanceOf: ({ to, n }) => ({ share: shares[n] ?? share, mailbox: mailboxOf(to) }),
          before: Object.entries(before).map(([mailbox, count]) => ({ share, mailbox, ...count })),
        },
      ),
    ].map(({ n }) => n)

  it('is what comes after so many in an hour or a day, for each mailbox', () => {
    assert.deepEqual(beyond(['a@x', 'a@x', 'b@x', 'a@x', 'a@x', 'b@x']), [4])
    assert.deepEqual(beyond(['a@x', 'a@x', 'b@x'], { 'a@x': { hour: 2, day: 2 } }), [1])
    assert.deepEqual(beyond(['a@x', 'a@x', 'b@x'], { 'a@x': { hour: 0, day: 5 } }), [0, 1])
  })

  it('takes names for the same mailbox together', () => {
    assert.deepEqual(beyond(['a@x', 'A@X', 'a+1@x', 'a+2@X']), [3])
  })

  it('leaves the shares of other kinds of mail as they are', () => {
    const before = { 'a@x': { hour: 3, day: 3 } }
    assert.deepEqual(beyond(['a@x', 'a@x', 'a@x'], before, ['newAddress', 'proof', 'orders']), [0])
  })
})
