import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  insertInBlocks,
  precedes,
  blockEntriesMax,
  type SortedBlocks,
  sortedBlocks,
  nextInBlocks,
  previousInBlocks,
  removeFromBlocks,
} from './partition.ts'
import type { IndexedTask, IndexKey } from '../table.ts'

const seed = 20_250_101

const entriesForward = (blocks: SortedBlocks): ReadonlyArray<IndexedTask> => {
  const entries: Array<IndexedTask> = []
  for (let next = nextInBlocks(blocks, undefined); next !== undefined; next = nextInBlocks(blocks, next))
    entries.push(next)
  return entries
}

const entriesBackward = (blocks: SortedBlocks): ReadonlyArray<IndexedTask> => {
  const entries: Array<IndexedTask> = []
  for (let next = previousInBlocks(blocks, undefined); next !== undefined; next = previousInBlocks(blocks, next))
    entries.push(next)
  return entries
}

const sortEntries = (list: ReadonlyArray<IndexedTask>): ReadonlyArray<IndexedTask> =>
  [...list].sort((a, b) => (precedes(a, b.rank, b.seq) ? -1 : 1))

const anyKey: fc.Arbitrary<IndexKey> = fc.record({
  rank: fc.integer({ min: 0, max: 9 }),
  seq: fc.integer({ min: 1, max: 2000 }),
})

describe(`sorted entries in blocks (seed ${seed})`, () => {
  it('are those that were inserted and not removed, from either end, after any insertions and removals', () => {
    const change = fc.record({ key: anyKey, isInsertion: fc.boolean() })
    const anyChanges = fc.array(change, { minLength: 1, maxLength: 4 * blockEntriesMax, size: 'max' })
    fc.assert(
      fc.property(anyChanges, anyKey, (changes, probe) => {
        const blocks = sortedBlocks()
        const model = new Map<string, IndexedTask>()
        for (const { key, isInsertion } of changes) {
          const name = `${key.rank} ${key.seq}`
          if (isInsertion) {
            expect(insertInBlocks(blocks, { ...key, id: name })).toBe(!model.has(name))
            model.set(name, { ...key, id: name })
          } else expect(removeFromBlocks(blocks, key.rank, key.seq)).toBe(model.delete(name))
        }
        const expected = sortEntries([...model.values()])
        expect(entriesForward(blocks)).toEqual(expected)
        expect(entriesBackward(blocks)).toEqual([...expected].reverse())
        const { rank, seq } = probe
        expect(previousInBlocks(blocks, probe)).toEqual(expected.filter(entry => precedes(entry, rank, seq)).at(-1))
        expect(nextInBlocks(blocks, probe)).toEqual(
          expected.find(entry => !precedes(entry, rank, seq) && (entry.rank !== rank || entry.seq !== seq)),
        )
      }),
      { seed, numRuns: 200 },
    )
  })

  it('fill blocks completely if inserted at the end, and no block exceeds the maximum', () => {
    const blocks = sortedBlocks()
    for (let seq = 1; seq <= 10 * blockEntriesMax; seq += 1) insertInBlocks(blocks, { rank: 5, seq, id: `t${seq}` })
    expect(blocks.blocks.map(block => block.length)).toEqual(Array.from({ length: 10 }, () => blockEntriesMax))
    for (let seq = 1; seq <= 10 * blockEntriesMax; seq += 1) insertInBlocks(blocks, { rank: 3, seq, id: `u${seq}` })
    expect(Math.max(...blocks.blocks.map(block => block.length))).toBeLessThanOrEqual(blockEntriesMax)
    expect(entriesForward(blocks)).toHaveLength(20 * blockEntriesMax)
  })
})
