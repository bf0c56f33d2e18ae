import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  insertPlaced,
  isBefore,
  mostInBlock,
  type OrderedPlaces,
  orderedPlaces,
  placedAfter,
  placedBefore,
  removePlaced,
} from './partition.ts'
import type { Placed, Position } from '../table.ts'

const seed = 20_250_101

const inOrder = (places: OrderedPlaces): ReadonlyArray<Placed> => {
  const found: Array<Placed> = []
  for (let next = placedAfter(places, undefined); next !== undefined; next = placedAfter(places, next)) found.push(next)
  return found
}

const fromTheEnd = (places: OrderedPlaces): ReadonlyArray<Placed> => {
  const found: Array<Placed> = []
  for (let next = placedBefore(places, undefined); next !== undefined; next = placedBefore(places, next))
    found.push(next)
  return found
}

const sorted = (list: ReadonlyArray<Placed>): ReadonlyArray<Placed> =>
  [...list].sort((a, b) => (isBefore(a, b.rank, b.seq) ? -1 : 1))

const position: fc.Arbitrary<Position> = fc.record({
  rank: fc.integer({ min: 0, max: 9 }),
  seq: fc.integer({ min: 1, max: 2000 }),
})

describe(`sorted entries in blocks (seed ${seed})`, () => {
  it('are those that were inserted and not removed, from either end, after any insertions and removals', () => {
    const change = fc.record({ at: position, adds: fc.boolean() })
    const anyChanges = fc.array(change, { minLength: 1, maxLength: 4 * mostInBlock, size: 'max' })
    fc.assert(
      fc.property(anyChanges, position, (changes, somewhere) => {
        const places = orderedPlaces()
        const plain = new Map<string, Placed>()
        for (const { at, adds } of changes) {
          const name = `${at.rank} ${at.seq}`
          if (adds) {
            expect(insertPlaced(places, { ...at, id: name })).toBe(!plain.has(name))
            plain.set(name, { ...at, id: name })
          } else expect(removePlaced(places, at.rank, at.seq)).toBe(plain.delete(name))
        }
        const expected = sorted([...plain.values()])
        expect(inOrder(places)).toEqual(expected)
        expect(fromTheEnd(places)).toEqual([...expected].reverse())
        const { rank, seq } = somewhere
        expect(placedBefore(places, somewhere)).toEqual(expected.filter(place => isBefore(place, rank, seq)).at(-1))
        expect(placedAfter(places, somewhere)).toEqual(
          expected.find(place => !isBefore(place, rank, seq) && (place.rank !== rank || place.seq !== seq)),
        )
      }),
      { seed, numRuns: 200 },
    )
  })

  it('fill blocks completely if inserted at the end, and no block exceeds the maximum', () => {
    const places = orderedPlaces()
    for (let seq = 1; seq <= 10 * mostInBlock; seq += 1) insertPlaced(places, { rank: 5, seq, id: `t${seq}` })
    expect(places.blocks.map(block => block.length)).toEqual(Array.from({ length: 10 }, () => mostInBlock))
    for (let seq = 1; seq <= 10 * mostInBlock; seq += 1) insertPlaced(places, { rank: 3, seq, id: `u${seq}` })
    expect(Math.max(...places.blocks.map(block => block.length))).toBeLessThanOrEqual(mostInBlock)
    expect(inOrder(places)).toHaveLength(20 * mostInBlock)
  })
})
