import { appendFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bytesAsText,
  createDirectoryFromBytes,
  withLog,
  buildLog,
  logText,
  openSampleLog,
  readWords,
  appendWord,
  tornText,
} from '../../testing/sample-log.ts'

/** Every truncation of the last decision that leaves at least one byte of it. */
const truncations = (whole: Buffer, sound: Buffer): ReadonlyArray<Buffer> =>
  Array.from({ length: whole.length - sound.length - 1 }, (_, i) => whole.subarray(0, sound.length + 1 + i))

describe.each([
  { what: 'a line', decision: ['half wrïtten'] },
  { what: 'a decision of several lines', decision: ['half', 'wrïtten', '🦊'] },
])('$what cut short at any byte', ({ decision }) => {
  const before = [['one'], ['two']]

  it('is not an event for a reader, which leaves the file unchanged', async () => {
    const sound = await buildLog(before)
    for (const cut of truncations(await buildLog([...before, decision]), sound)) {
      const dir = createDirectoryFromBytes(cut)
      expect(await withLog(dir, readWords)).toEqual(['one', 'two'])
      expect([logText(dir), tornText(dir)]).toEqual([bytesAsText(cut), undefined])
    }
  })

  it('is moved away by the next writer, and never read as an event', async () => {
    const sound = await buildLog(before)
    const expected = bytesAsText(await buildLog([...before, ['next']]))
    for (const cut of truncations(await buildLog([...before, decision]), sound)) {
      const dir = createDirectoryFromBytes(cut)
      expect(await withLog(dir, log => appendWord(log, 'next'))).toBe(3)
      expect(logText(dir)).toBe(expected)
      expect(tornText(dir)).toBe(`${cut.subarray(sound.length).toString()}\n`)
    }
  })
})

describe('a torn tail', () => {
  it('is moved away even if the log has nothing else', async () => {
    const dir = createDirectoryFromBytes(Buffer.from('{"seq":1,"ev'))
    expect(await withLog(dir, log => appendWord(log, 'first'))).toBe(1)
    expect([logText(dir), tornText(dir)]).toEqual([bytesAsText(await buildLog([['first']])), '{"seq":1,"ev\n'])
  })

  it('is moved away even if it consists of zeros, as after a power cut', async () => {
    const dir = createDirectoryFromBytes(Buffer.concat([await buildLog([['one']]), Buffer.alloc(4096)]))
    expect(await withLog(dir, readWords)).toEqual(['one'])
    expect(await withLog(dir, log => appendWord(log, 'two'))).toBe(2)
    expect([logText(dir), tornText(dir)]).toEqual([
      bytesAsText(await buildLog([['one'], ['two']])),
      `${'\0'.repeat(4096)}\n`,
    ])
  })

  it('is added to earlier torn tails', async () => {
    const dir = createDirectoryFromBytes(Buffer.concat([await buildLog([['one']]), Buffer.from('{"first')]))
    await withLog(dir, log => appendWord(log, 'two'))
    appendFileSync(`${dir}/events.jsonl`, '{"second')
    await withLog(dir, log => appendWord(log, 'three'))
    expect(await withLog(dir, readWords)).toEqual(['one', 'two', 'three'])
    expect(tornText(dir)).toBe('{"first\n{"second\n')
  })

  it('is moved away by a writer that had the log open at the time', async () => {
    const dir = createDirectoryFromBytes(await buildLog([['one']]))
    const log = await openSampleLog(dir)
    await appendWord(log, 'two')
    appendFileSync(`${dir}/events.jsonl`, '{"seq":3,')
    expect(await appendWord(log, 'three')).toBe(3)
    await log.close()
    expect(logText(dir)).toBe(bytesAsText(await buildLog([['one'], ['two'], ['three']])))
    expect(tornText(dir)).toBe('{"seq":3,\n')
  })

  it('stays in the log if a writer refuses or has nothing to write', async () => {
    const torn = Buffer.concat([await buildLog([['one']]), Buffer.from('{"seq":2')])
    const dir = createDirectoryFromBytes(torn)
    const conflict = await withLog(dir, log => log.append(7, [{ seq: 8, word: 'late' }])())
    expect(conflict).toMatchObject({ left: { failure: 'SeqConflict', expectedSeq: 7, actualSeq: 1 } })
    expect([logText(dir), tornText(dir)]).toEqual([bytesAsText(torn), undefined])
  })
})
