import { renameSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Bookmark, EventLog } from '@claimlog/event-log'
import type { Sample } from '@claimlog/event-log/conformance'
import { append, directoryWith, inLog, logOf, logPath, newLogDirectory, read, right } from '../../testing/sample-log.ts'

const bookmarkAfter = (bytes: Uint8Array): Promise<Bookmark> =>
  inLog(directoryWith(bytes), async log => {
    await read(log)
    return log.bookmark()
  })

const resumed = (bytes: Uint8Array, bookmark: Bookmark): Promise<boolean> =>
  inLog(directoryWith(bytes), async log => right(await log.resume(bookmark)()))

const addressesOf = async (log: EventLog<Sample>): Promise<ReadonlyArray<number>> => {
  const addresses: Array<number> = []
  right(await log.readAfter(0, (_, batch) => addresses.push(...batch))())
  return addresses
}

describe('a log cursor', () => {
  it('is accepted by a copy of the log, also a longer one', async () => {
    const log = await logOf([['a'], ['b', 'c']])
    const bookmark = await bookmarkAfter(log)
    expect(bookmark.seq).toBe(3)
    expect(await resumed(log, bookmark)).toBe(true)
    expect(await resumed(await logOf([['a'], ['b', 'c'], ['d']]), bookmark)).toBe(true)
  })

  it('is not accepted by a log with another history, an earlier copy, or an empty log', async () => {
    const bookmark = await bookmarkAfter(await logOf([['a'], ['b', 'c']]))
    expect(await resumed(await logOf([['A'], ['b', 'c']]), bookmark)).toBe(false)
    expect(await resumed(await logOf([['a']]), bookmark)).toBe(false)
    expect(await resumed(Buffer.alloc(0), bookmark)).toBe(false)
  })

  it.each([
    '',
    'x',
    '0 0 ',
    '1 2 3',
    '-1 90 00000000000000000000000000000000',
    '0 9e9 00000000000000000000000000000000',
  ])('of the form %j is not accepted', async at => {
    expect(await resumed(await logOf([['a']]), { seq: 1, at })).toBe(false)
  })

  it('refers to the file that has the name now', async () => {
    const dir = newLogDirectory()
    const other = await logOf([['x'], ['y']])
    await inLog(dir, async log => {
      writeFileSync(`${dir}/other`, other)
      renameSync(`${dir}/other`, logPath(dir))
      expect(right(await log.resume(await bookmarkAfter(other))())).toBe(true)
      expect(log.bookmark().seq).toBe(2)
    })
  })

  it('of another history than the one that was read is not continued', async () => {
    const dir = newLogDirectory()
    const other = await logOf([['x'], ['y']])
    await inLog(dir, async log => {
      await append(log, 0, [['a']])
      writeFileSync(`${dir}/other`, other)
      renameSync(`${dir}/other`, logPath(dir))
      expect(await log.resume(await bookmarkAfter(other))()).toMatchObject({ left: { failure: 'HistoryChanged' } })
      expect(log.bookmark().seq).toBe(1)
    })
  })

  it('skips reading the lines before it', async () => {
    const log = await logOf([['a'], ['b'], ['c']])
    const bookmark = await bookmarkAfter(log.subarray(0, log.indexOf('\n', log.indexOf('"b"')) + 1))
    const dir = directoryWith(Buffer.concat([Buffer.from('?'), log.subarray(1)]))
    await inLog(dir, async damaged => {
      expect(right(await damaged.resume(bookmark)())).toBe(true)
      const words: Array<string> = []
      right(await damaged.readAfter(2, events => words.push(...events.map(event => event.word)))())
      expect(words).toEqual(['c'])
    })
  })
})

describe('an event that is read by its offset', () => {
  it('is the one at that offset, however long its line', async () => {
    const long = 'w'.repeat(300_000)
    await inLog(directoryWith(await logOf([['a'], [long, 'ä'], ['z']])), async log => {
      const addresses = await addressesOf(log)
      expect(right(await log.fetch(addresses)())?.map(event => event.word)).toEqual(['a', long, 'ä', 'z'])
    })
  })

  it.each([
    ['changed', (line: string) => line.replace('"b"', '"B"')],
    ['cut short', (line: string) => line.slice(0, 10)],
    ['made invalid', (line: string) => line.replace('"b"', '"\xff"')],
  ])('is not found if its line was %s', async (_, change) => {
    const text = (await logOf([['a'], ['b'], ['c']])).toString('latin1')
    const [first = '', second = '', third = ''] = text.split('\n')
    const addresses = await inLog(directoryWith(Buffer.from(text, 'latin1')), addressesOf)
    const dir = directoryWith(Buffer.from([first, change(second), third, ''].join('\n'), 'latin1'))
    await inLog(dir, async log => {
      expect(right(await log.fetch(addresses)())).toBeUndefined()
      expect(right(await log.fetch(addresses.slice(0, 1))())?.map(event => event.word)).toEqual(['a'])
    })
  })
})
