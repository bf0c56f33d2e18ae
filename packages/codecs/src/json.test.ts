import { describe, expect, it } from 'vitest'
import { ExactJson, isSameJson, Json, JsonObject, jsonDepthMax } from './json.ts'

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

describe('JSON', () => {
  it.each([
    ['null', null, true],
    ['lists and objects', { a: [1, 'b', { c: false }] }, true],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), true],
    ['the maximum depth', nested(jsonDepthMax), true],
    ['one level more than the maximum', nested(jsonDepthMax + 1), false],
    ['undefined', undefined, false],
    ['NaN', Number.NaN, false],
    ['a value that JSON.stringify would change', new Date(0), false],
    ['a value that JSON.stringify would drop', { a: undefined }, false],
  ])('%s', (_, value, expected) => {
    expect(Json.is(value)).toBe(expected)
  })

  it('from another parser has no number that may have been rounded', () => {
    expect([2 ** 53, [{ a: -(2 ** 60) }], 2 ** 53 - 1, 0.5, 1e300 / 3].map(value => ExactJson.is(value))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
    expect([{ a: 1 }, { a: 2 ** 53 }, [], null].map(value => JsonObject.is(value))).toEqual([true, false, false, false])
  })

  it.each([
    [{ a: 1, b: [2] }, { b: [2], a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{ a: null }, {}, false],
    [0, -0, false],
  ])('%j equals %j: %s', (a, b, expected) => {
    expect([isSameJson(a, b), isSameJson(b, a)]).toEqual([expected, expected])
  })
})
