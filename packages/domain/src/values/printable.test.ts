import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toPrintable, toPrintableData, toPrintableJson, toPrintableLines } from './printable.ts'

const seed = 20_261_128

const invisible: ReadonlyArray<readonly [string, string, string]> = [
  ['an escape', '\u001b[2J', '\\u001b[2J'],
  ['an override', 'a\u202eb', 'a\\u202eb'],
  ['a tag character', 'a\u{e0061}', 'a\\udb40\\udc61'],
  ['a Hangul filler', '\u3164', '\\u3164'],
  ['a Braille blank', '\u2800', '\\u2800'],
  ['a variation selector after a letter', 'a\ufe0f', 'a\\ufe0f'],
  ['a second variation selector', '❤\ufe0f\ufe0f', '❤\ufe0f\\ufe0f'],
  ['a supplementary variation selector', '漢\u{e0100}', '漢\\udb40\\udd00'],
  ['a joiner between letters that it does not change', 'a\u200db', 'a\\u200db'],
  ['a word joiner', 'a\u2060b', 'a\\u2060b'],
  ['a private-use character', '\ue000', '\\ue000'],
  ['a lone surrogate', '\ud800', '\\ud800'],
  ['a line separator', '\u2028', '\\u2028'],
  ['a line break', 'a\r\n\tb', 'a\\r\\n\\tb'],
]

const visible = [
  'café',
  '漢字　空',
  'می\u200cخواهم',
  'क्\u200dष',
  '❤\ufe0f',
  '👩🏽\u200d💻',
  '1\ufe0f\u20e3',
  '🇩🇪',
  'a\u00a0b',
]

describe('printable text', () => {
  it.each(invisible)('has %s escaped', (_description, text, escaped) => {
    expect(toPrintable(text)).toBe(escaped)
  })

  it.each(visible)('keeps %s as it is', text => {
    expect(toPrintable(text)).toBe(text)
  })

  it('keeps line breaks in the multi-line form only', () => {
    expect(toPrintableLines('a\n\u3164\r\n')).toBe('a\n\\u3164\\r\n')
  })

  it(`parses to the same value if it is JSON, and is always visible (seed ${seed})`, () => {
    const json = fc.json({ stringUnit: 'binary' }).map(text => JSON.parse(text) as unknown)
    fc.assert(
      fc.property(json, value => {
        const escaped = toPrintableJson(value)
        expect(JSON.parse(escaped)).toEqual(value)
        expect(escaped).not.toMatch(/[\p{Cc}\p{Co}\p{Cs}\u2028-\u202e\u2060-\u206f\u3164\u{e0000}-\u{e0fff}]/u)
      }),
      { seed, numRuns: 2000 },
    )
  })

  it('escapes field names and lists in data, too, and keeps line breaks', () => {
    expect(toPrintableData({ 'a\u3164': ['x\ny', { b: '\u202e' }], n: 1, none: null })).toEqual({
      'a\\u3164': ['x\ny', { b: '\\u202e' }],
      n: 1,
      none: null,
    })
  })
})
