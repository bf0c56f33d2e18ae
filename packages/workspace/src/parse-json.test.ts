import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { jsonDepthMax } from '@claimlog/codecs'
import { parseJson } from './parse-json.ts'

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth)
/** A file contains a payload a few levels down. */
const depthMax = jsonDepthMax + 5
const tooDeep = E.left(`is nested more than ${depthMax} levels deep`)

describe('JSON from outside', () => {
  it('is parsed unchanged', () => {
    const text = '{"a":[1,-2.5,1e3,true,null,"\\ud83e\\udd8a"],"b":{"a":{}},"":"", "n":9007199254740991}'
    expect(parseJson(text)).toEqual(E.right(JSON.parse(text)))
  })

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    '[1,]',
    "{'a':1}",
    '// a\n1',
    'NaN',
    'Infinity',
    '01',
    'undefined',
    '{"a":1}{"b":2}',
  ])('is refused if it is invalid: %j', text => {
    const parsed = parseJson(text)
    expect(E.isLeft(parsed) && parsed.left).toMatch(/^is not JSON: /)
  })

  it('is refused if a field occurs twice, however it is escaped', () => {
    expect(parseJson('{"a":1,"b":2,"a":1}')).toEqual(E.left('has the field "a" twice'))
    expect(parseJson('{"a":1,"\\u0061":2}')).toEqual(E.left('has the field "a" twice'))
    expect(parseJson('[{"x":{"__proto__":1,"__proto__":2}}]')).toEqual(E.left('has the field "__proto__" twice'))
    expect(parseJson('{"a":{"a":[{"a":1},{"a":2}]}}')).toEqual(E.right({ a: { a: [{ a: 1 }, { a: 2 }] } }))
  })

  it('keeps a field named __proto__ as a field', () => {
    const parsed = parseJson('{"__proto__":{"x":1}}')
    expect(JSON.stringify(parsed)).toBe(JSON.stringify(E.right(JSON.parse('{"__proto__":{"x":1}}') as unknown)))
    expect(({} as Record<string, unknown>).x).toBe(undefined)
  })

  it.each([
    '9007199254740993',
    '9007199254740993.0',
    '9007199254740993e0',
    '-9007199254740993',
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1E+999',
  ])('is refused with the number %s, which would be changed', digits => {
    const refusal = E.left(`contains the number ${digits}, which would be changed; write it as a string`)
    expect(parseJson(digits)).toEqual(refusal)
    expect(parseJson(`{"a":[${digits}]}`)).toEqual(refusal)
  })

  it('truncates a number that is longer than a line', () => {
    expect(parseJson('1'.repeat(1000))).toEqual(
      E.left(`contains the number ${'1'.repeat(40)}…, which would be changed; write it as a string`),
    )
  })

  it.each([
    '9007199254740991',
    '-9007199254740991',
    '0.1',
    '1e300',
    '9007199254740992',
    '123456789.123456789',
    '5e-324',
    '1.50',
    '1E+3',
    '0.0',
  ])('may contain the number %s', digits => {
    expect(parseJson(digits)).toEqual(E.right(Number(digits)))
  })

  it('is refused if it is nested too deep, even a million levels', () => {
    expect(E.isRight(parseJson(nested(depthMax)))).toBe(true)
    expect(E.isRight(parseJson(`{"tasks":[{"payload":${nested(jsonDepthMax)}}]}`))).toBe(true)
    expect(parseJson(nested(depthMax + 1))).toEqual(tooDeep)
    expect(parseJson(nested(1_000_000))).toEqual(tooDeep)
    expect(parseJson(`${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`)).toEqual(tooDeep)
  })
})
