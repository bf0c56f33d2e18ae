import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { coalescedRefresh } from './coalesced-refresh.ts'
import type { FileSnapshot } from './disk.ts'

const noFile: FileSnapshot = {
  stampedSeq: undefined,
  cursor: undefined,
  lastSeen: undefined,
  identity: undefined,
  writtenAtMs: 0,
  bytes: 0,
}

/** A file according to `stat` and its stamp, a process that knows the log up to a seq, and the number of its writes. */
const busyProcess = () => {
  let fileSnapshot = { ...noFile, stampedSeq: undefined as number | undefined }
  let seq = 1
  let writes = 0
  let isWritable = true
  let delayMs = 500
  const coalescer = coalescedRefresh({ inspect: () => fileSnapshot })
  return {
    /** Another process writes the file from the log up to a seq. */
    writeElsewhere: (stampedSeq: number) => (fileSnapshot = { ...fileSnapshot, stampedSeq, writtenAtMs: Date.now() }),
    edit: () => (fileSnapshot = { ...fileSnapshot, stampedSeq: undefined, writtenAtMs: Date.now() }),
    denyWrites: () => (isWritable = false),
    setDelay: (ms: number) => (delayMs = ms),
    /**
     * A command of this process appends event `appendedSeq`; its write goes up to `writtenSeq`, if that is more than is
     * required.
     */
    append: (appendedSeq: number, writtenSeq?: number) => {
      seq = appendedSeq
      coalescer.schedule(
        async targetSeq => {
          writes += 1
          if (isWritable)
            fileSnapshot = { ...fileSnapshot, stampedSeq: writtenSeq ?? targetSeq, writtenAtMs: Date.now() }
        },
        () => delayMs,
        () => seq,
      )
    },
    stop: coalescer.stop,
    writes: () => writes,
  }
}

describe('one write for many changes', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('comes half a second after the first of them', () => {
    const process = busyProcess()
    process.append(2)
    vi.advanceTimersByTime(400)
    process.append(3)
    expect(process.writes()).toBe(0)
    vi.advanceTimersByTime(100)
    expect(process.writes()).toBe(1)
    vi.advanceTimersByTime(5000)
    expect(process.writes()).toBe(1)
  })

  it('is not needed if another process has written the file since', () => {
    const process = busyProcess()
    process.append(2)
    process.writeElsewhere(2)
    vi.advanceTimersByTime(5000)
    expect(process.writes()).toBe(0)
  })

  it('comes half a second later if others wrote the first change and not the last', () => {
    const process = busyProcess()
    process.append(2)
    process.writeElsewhere(2)
    process.append(3)
    vi.advanceTimersByTime(500)
    expect(process.writes()).toBe(0)
    vi.advanceTimersByTime(500)
    expect(process.writes()).toBe(1)
  })

  it.each([
    ['if others had written just that far when it was due', 500],
    ['after 5 s, if the file was found to be large meanwhile', 5000],
  ])('is followed by another %s', async (_when, nextMs) => {
    const process = busyProcess()
    process.append(2)
    process.append(5)
    process.setDelay(nextMs)
    await vi.advanceTimersByTimeAsync(500)
    expect(process.writes()).toBe(1)
    await vi.advanceTimersByTimeAsync(nextMs - 1)
    expect(process.writes()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(process.writes()).toBe(2)
    await vi.advanceTimersByTimeAsync(5000)
    expect(process.writes()).toBe(2)
  })

  it('is not retried over and over if the file cannot be written', async () => {
    const process = busyProcess()
    process.writeElsewhere(1)
    process.denyWrites()
    process.append(2)
    process.append(3)
    await vi.advanceTimersByTimeAsync(5000)
    expect(process.writes()).toBe(1)
    process.append(4)
    await vi.advanceTimersByTimeAsync(5000)
    expect(process.writes()).toBe(2)
  })

  it('leaves nothing unwritten for longer than that, however often others write', () => {
    const process = busyProcess()
    for (let seq = 2; seq < 40; seq += 1) {
      process.append(seq)
      // Always from a log without the newest change.
      process.writeElsewhere(seq - 1)
      vi.advanceTimersByTime(100)
    }
    expect(process.writes()).toBe(0)
    process.writeElsewhere(30)
    vi.advanceTimersByTime(1000)
    expect(process.writes()).toBe(1)
  })

  it('comes if a person has edited the file', () => {
    const process = busyProcess()
    process.append(2)
    process.edit()
    vi.advanceTimersByTime(500)
    expect(process.writes()).toBe(1)
  })

  it('trusts a file that is ahead of this process only while it is new: the log may have been restored', () => {
    const process = busyProcess()
    process.writeElsewhere(90)
    process.append(2)
    vi.advanceTimersByTime(499)
    process.writeElsewhere(91)
    vi.advanceTimersByTime(1)
    expect(process.writes()).toBe(0)
    process.append(3)
    vi.advanceTimersByTime(500)
    expect(process.writes()).toBe(1)
  })

  it('can be cancelled', async () => {
    const process = busyProcess()
    expect(await process.stop()).toBe(false)
    process.append(2)
    expect(await process.stop()).toBe(true)
    vi.advanceTimersByTime(5000)
    expect(process.writes()).toBe(0)
  })
})
