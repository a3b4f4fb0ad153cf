import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Country, emptyOrLine, line, Phone, text } from '@mart/contracts/http/text-shapes'
import { Ajv } from 'ajv'
import { Type } from 'typebox'
import { textForms } from '../src/text-forms.ts'

const Form = Type.Object({
  name: line(5),
  line2: Type.Optional(emptyOrLine(5)),
  note: Type.Optional(text(9)),
  country: Country,
  phone: Phone,
})
const validate = new Ajv({ allErrors: true, strict: false }).addKeyword(textForms).compile(Form as object)

const given = (change: Record<string, unknown>) => ({ name: 'Sana', country: 'PK', phone: '+923001234567', ...change })

/** The body as a handler sees it, and the fields that are refused. */
const through = (change: Record<string, unknown>) => {
  const body = given(change)
  return validate(body) ? body : validate.errors!.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)
}

describe('texts at the door', () => {
  test('a line is trimmed, and its length is counted after that, in code points', () => {
    assert.deepEqual(through({ name: '  \u00a0Sana \t' }), given({}))
    assert.deepEqual(through({ name: '😀😀😀😀😀' }), given({ name: '😀😀😀😀😀' }))
    assert.deepEqual(through({ name: '😀😀😀😀😀😀' }), ['/name maxLength'])
    assert.deepEqual(through({ line2: '      ' }), given({ line2: '' }))
  })

  test('a line has no line breaks and no control characters, whatever they are called', () => {
    for (const mark of ['\n', '\r', '\t', '\u0007', '\u0085', '\u009f', '\u2028', '\u2029', '\u202e']) {
      assert.deepEqual(through({ name: `a${mark}b` }), ['/name one_line'], JSON.stringify(mark))
      assert.deepEqual(through({ line2: `a${mark}b` }), ['/line2 one_line'], JSON.stringify(mark))
    }
  })

  test('what nobody can see is no text', () => {
    for (const mark of [' ', '\u200b', '\u2066\u2069', '\u3164', '\u115f', '\uffa0', '\u2800', '\u00ad', '\ufe0f']) {
      assert.deepEqual(through({ name: mark }), ['/name one_line'], JSON.stringify(mark))
    }
    assert.deepEqual(through({ line2: '\u200b' }), ['/line2 one_line'])
    assert.deepEqual(through({ note: '\u3164' }), ['/note text'])
  })

  test('what writing needs stays: joiners in Urdu and in emoji, marks, any script', () => {
    for (const name of ['می\u200cرو', '👨\u200d👩', 'José', '王', "O'N.", '5']) {
      assert.deepEqual(through({ name }), given({ name }), name)
    }
  })

  test('a note keeps its line breaks, as one kind of them, and no other control characters', () => {
    assert.deepEqual(through({ note: ' a\r\nb\rc\u2028d ' }), given({ note: 'a\nb\nc\nd' }))
    assert.deepEqual(through({ note: '' }), given({ note: '' }))
    assert.deepEqual(through({ note: 'a\u001bb' }), ['/note text'])
  })

  test('a phone is kept as E.164, read as of the country beside it', () => {
    assert.deepEqual(through({ phone: '(0300) 123-4567' }), given({}))
    assert.deepEqual(
      through({ country: 'US', phone: '(202) 555-0100' }),
      given({ country: 'US', phone: '+12025550100' }),
    )
    assert.deepEqual(through({ country: 'US', phone: '0300 1234567' }), ['/phone phone'])
    assert.deepEqual(through({ phone: '0----' }), ['/phone phone'])
  })

  test('a country is one that ISO 3166 has assigned', () => {
    for (const country of ['ZZ', 'XX', 'XK', 'UK', 'EU', 'pk', 'PAK', '', 'AN']) {
      assert.deepEqual(through({ country }), ['/country enum'], country)
    }
    for (const country of ['PK', 'GB', 'SS', 'AQ']) assert.ok(!Array.isArray(through({ country })), country)
  })
})
