import { renameSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LogCursor } from '@claimlog/event-log'
import {
  appendDecisions,
  createDirectoryFromBytes,
  withLog,
  buildLog,
  logPath,
  createLogDirectory,
  readOffsets,
  readWords,
  expectRight,
} from '../../testing/sample-log.ts'

const readCursor = (bytes: Uint8Array): Promise<LogCursor> =>
  withLog(createDirectoryFromBytes(bytes), async log => {
    await readWords(log)
    return log.cursor()
  })

const tryResume = (bytes: Uint8Array, cursor: LogCursor): Promise<boolean> =>
  withLog(createDirectoryFromBytes(bytes), async log => expectRight(await log.resume(cursor)()))

describe('a log cursor', () => {
  it('is accepted by a copy of the log, also a longer one', async () => {
    const log = await buildLog([['a'], ['b', 'c']])
    const cursor = await readCursor(log)
    expect(cursor.seq).toBe(3)
    expect(await tryResume(log, cursor)).toBe(true)
    expect(await tryResume(await buildLog([['a'], ['b', 'c'], ['d']]), cursor)).toBe(true)
  })

  it('is not accepted by a log with another history, an earlier copy, or an empty log', async () => {
    const cursor = await readCursor(await buildLog([['a'], ['b', 'c']]))
    expect(await tryResume(await buildLog([['A'], ['b', 'c']]), cursor)).toBe(false)
    expect(await tryResume(await buildLog([['a']]), cursor)).toBe(false)
    expect(await tryResume(Buffer.alloc(0), cursor)).toBe(false)
  })

  it.each([
    '',
    'x',
    '0 0 ',
    '1 2 3',
    '-1 90 00000000000000000000000000000000',
    '0 9e9 00000000000000000000000000000000',
  ])('of the form %j is not accepted', async location => {
    expect(await tryResume(await buildLog([['a']]), { seq: 1, location })).toBe(false)
  })

  it('refers to the file that has the name now', async () => {
    const dir = createLogDirectory()
    const other = await buildLog([['x'], ['y']])
    await withLog(dir, async log => {
      writeFileSync(`${dir}/other`, other)
      renameSync(`${dir}/other`, logPath(dir))
      expect(expectRight(await log.resume(await readCursor(other))())).toBe(true)
      expect(log.cursor().seq).toBe(2)
    })
  })

  it('of another history than the one that was read is not continued', async () => {
    const dir = createLogDirectory()
    const other = await buildLog([['x'], ['y']])
    await withLog(dir, async log => {
      await appendDecisions(log, 0, [['a']])
      writeFileSync(`${dir}/other`, other)
      renameSync(`${dir}/other`, logPath(dir))
      expect(await log.resume(await readCursor(other))()).toMatchObject({ left: { failure: 'HistoryChanged' } })
      expect(log.cursor().seq).toBe(1)
    })
  })

  it('skips reading the lines before it', async () => {
    const log = await buildLog([['a'], ['b'], ['c']])
    const cursor = await readCursor(log.subarray(0, log.indexOf('\n', log.indexOf('"b"')) + 1))
    const dir = createDirectoryFromBytes(Buffer.concat([Buffer.from('?'), log.subarray(1)]))
    await withLog(dir, async damaged => {
      expect(expectRight(await damaged.resume(cursor)())).toBe(true)
      const words: Array<string> = []
      expectRight(await damaged.read(2, events => words.push(...events.map(event => event.word)))())
      expect(words).toEqual(['c'])
    })
  })
})

describe('an event that is read by its offset', () => {
  it('is the one at that offset, however long its line', async () => {
    const long = 'w'.repeat(300_000)
    await withLog(createDirectoryFromBytes(await buildLog([['a'], [long, 'ä'], ['z']])), async log => {
      const offsets = await readOffsets(log)
      expect(expectRight(await log.readByOffset(offsets)())?.map(event => event.word)).toEqual(['a', long, 'ä', 'z'])
    })
  })

  it.each([
    ['changed', (line: string) => line.replace('"b"', '"B"')],
    ['cut short', (line: string) => line.slice(0, 10)],
    ['made invalid', (line: string) => line.replace('"b"', '"\xff"')],
  ])('is not found if its line was %s', async (_, change) => {
    const text = (await buildLog([['a'], ['b'], ['c']])).toString('latin1')
    const [first = '', second = '', third = ''] = text.split('\n')
    const offsets = await withLog(createDirectoryFromBytes(Buffer.from(text, 'latin1')), readOffsets)
    const dir = createDirectoryFromBytes(Buffer.from([first, change(second), third, ''].join('\n'), 'latin1'))
    await withLog(dir, async log => {
      expect(expectRight(await log.readByOffset(offsets)())).toBeUndefined()
      expect(expectRight(await log.readByOffset(offsets.slice(0, 1))())?.map(event => event.word)).toEqual(['a'])
    })
  })
})
