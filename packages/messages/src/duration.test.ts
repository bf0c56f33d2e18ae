import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainDurationError, formatDuration, parseDuration } from './duration.ts'

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]

describe('a duration', () => {
  it.each([
    ['40ms', 40],
    ['90s', 90 * second],
    ['15m', 15 * minute],
    ['2h', 2 * hour],
    ['1d', day],
    ['1.5h', 90 * minute],
    ['0s', 0],
  ])('is an amount of one unit: %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    ['1h30m', 90 * minute],
    ['1d12h', 36 * hour],
    ['1m30s500ms', 90 * second + 500],
    ['2d3h4m5s6ms', 2 * day + 3 * hour + 4 * minute + 5 * second + 6],
    ['1h 30m', 90 * minute],
  ])('can have several units, larger units first: %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it('is parsed as it is formatted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * day }), ms => {
        const formatted = formatDuration(ms)
        expect(formatDuration(parseDuration(formatted) ?? -1)).toBe(formatted)
      }),
      { seed: 6 },
    )
  })

  it.each([
    ['15', 'It has no unit: write 15s, 15m, 15h or 15d.'],
    ['1.5', 'It has no unit: write 1.5s, 1.5m, 1.5h or 1.5d.'],
    ['15min', "There is no unit 'min': write 15m."],
    ['2 hours', "There is no unit 'hours': write 2h."],
    ['1h30Min', "There is no unit 'Min': write 30m."],
    ['15M', "There is no unit 'M': write 15m."],
    ['3w', "There is no unit 'w': write ms, s, m, h or d, as in 90s or 1h30m."],
    ['30m1h', 'Write the larger unit first, and each once, as in 1h30m.'],
    ['1h1h', 'Write the larger unit first, and each once, as in 1h30m.'],
    ['', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
    ['soon', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
    ['-5m', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
    ['1h ', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
    ['1h\n30m', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
    ['h', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
    ['1h30', 'Write a duration like 90s, 15m, 2h, 1d or 1h30m.'],
  ])('is refused if malformed, with the right spelling: %j', (text, message) => {
    expect(parseDuration(text)).toBeUndefined()
    expect(explainDurationError(text)).toBe(message)
  })
})
