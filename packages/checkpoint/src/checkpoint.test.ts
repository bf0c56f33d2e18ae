import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { decide, emptyState, type Event, fold, type State, eventTaskId } from '@claimlog/domain'
import { overlayTable } from '@claimlog/domain/table'
import { dumpState, anyStep, initialEvents, scanIndices, dumpIndices, runSteps } from '@claimlog/domain/testing'
import { type Checkpoint, type CheckpointLookup, openCheckpoint, saveCheckpoint } from './checkpoint.ts'
import type { TaskOffsets } from './save-changes.ts'

const seed = 20_250_101
const root = mkdtempSync(join(tmpdir(), 'claimlog-checkpoint-'))
afterAll(() => rmSync(root, { recursive: true }))

let folderCount = 0
const createFolder = (): string => mkdtempSync(join(root, `${(folderCount += 1)}-`))

/** A state that overlays a saved one, with functions that save it and open it again. */
const createSavedState = (dir: string) => {
  const table = overlayTable(undefined)
  let state = emptyState(table)
  let lookup: CheckpointLookup = { manifestText: undefined }
  let tail: Array<Event> = []

  const rebase = (next: CheckpointLookup, checkpoint: Checkpoint): void => {
    lookup.checkpoint?.close()
    lookup = next
    table.rebase(checkpoint.base)
    const { workspace, seq, time, lineTime, clock, moved } = checkpoint.head
    state = { workspace, seq, time, lineTime, clock, moved, logId: undefined, table }
    tail = []
  }
  return {
    get: (): State => state,
    apply: (events: ReadonlyArray<Event>): void => {
      state = fold(state, events)
      tail.push(...events)
    },
    save: (): void => {
      const { workspace, seq, time, lineTime, clock, moved } = state
      if (workspace === undefined) throw new Error('nothing was opened')
      const offsets = toTaskOffsets(tail)
      const saved = saveCheckpoint(dir, lookup, {
        head: { workspace, seq, time, lineTime, clock, moved, at: `at ${seq}` },
        changes: table.changes(),
        offsets,
      })
      if (saved?.checkpoint === undefined) throw new Error(`not saved: ${saved?.untrustedReason}`)
      rebase(saved, saved.checkpoint)
    },
    /** Continues as another process would: from the checkpoint on disk and the events after it. */
    reopen: (log: ReadonlyArray<Event>): void => {
      const opened = openCheckpoint(dir)
      if (opened.checkpoint === undefined) throw new Error(`not opened: ${opened.untrustedReason}`)
      const { seq } = opened.checkpoint.head
      rebase(opened, opened.checkpoint)
      state = fold(state, log.slice(seq))
      tail = log.slice(seq)
    },
    taskOffsets: (id: string): ReadonlyArray<number> => [
      ...(lookup.checkpoint?.readOffsets(id) ?? []),
      ...tail.filter(event => eventTaskId(event) === id).map(({ seq }) => seq * 10),
    ],
    close: (): void => lookup.checkpoint?.close(),
  }
}

const toTaskOffsets = (events: ReadonlyArray<Event>): ReadonlyArray<TaskOffsets> =>
  [...new Set(events.map(eventTaskId))].flatMap(taskId => {
    const taskEvents = events.filter(event => eventTaskId(event) === taskId)
    return taskId === undefined
      ? []
      : [{ taskId, firstSeq: taskEvents[0]?.seq ?? 0, offsets: taskEvents.map(({ seq }) => seq * 10) }]
  })

const ids = ['t0', 't1', 't2', 't3', 't4', '__proto__']

describe(`a saved state (seed ${seed})`, () => {
  it('continues like the one in memory, whenever it was saved, opened and saved again', () => {
    const actionsArbitrary = fc.array(fc.constantFrom('nothing', 'nothing', 'save', 'reopen'), {
      minLength: 60,
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }),
        actionsArbitrary,
        (steps, actions) => {
          const savedState = createSavedState(createFolder())
          savedState.apply(initialEvents)
          savedState.save()
          const log = [...initialEvents]
          let step = 0
          let decision: unknown
          runSteps(
            steps,
            ({ decided, state }) => {
              expect(decision).toEqual(decided)
              const events = decided._tag === 'Left' ? [] : decided.right.events
              log.push(...events)
              savedState.apply(events)
              if (actions[step] === 'save') savedState.save()
              if (actions[step] === 'reopen') savedState.reopen(log)
              step += 1
              if (step === steps.length) expect(dumpState(savedState.get())).toEqual(dumpState(state))
            },
            (_state, command) => {
              decision = decide(command, savedState.get())
            },
          )
          expect(dumpIndices(savedState.get())).toEqual(scanIndices(savedState.get()))
          for (const id of ids)
            expect(savedState.taskOffsets(id)).toEqual(
              log.filter(event => eventTaskId(event) === id).map(({ seq }) => seq * 10),
            )
          savedState.close()
        },
      ),
      { seed, numRuns: 100 },
    )
  })

  it('has one file and one manifest on disk, however often it was saved', () => {
    const dir = createFolder()
    const savedState = createSavedState(dir)
    savedState.apply(initialEvents)
    savedState.save()
    savedState.save()
    const names = readdirSync(dir).map(name => name.replace(/[0-9a-f]{8}/, '…'))
    expect(names.sort()).toEqual(['checkpoint.stamp', 'checkpoint.….tree'])
    savedState.close()
  })

  it('does not change for a process that has it open while another one saves a newer state', () => {
    const dir = createFolder()
    const savedState = createSavedState(dir)
    savedState.apply(initialEvents)
    savedState.save()
    const reader = openCheckpoint(dir).checkpoint
    const before = reader?.base.get('t0')
    savedState.apply([{ seq: 7, event: 'cancelled', taskId: 't0', time: initialEvents[0]?.time ?? '' }])
    savedState.save()
    expect(openCheckpoint(dir).checkpoint?.base.get('t0')?.status).toBe('cancelled')
    expect(reader?.base.get('t0')).toEqual(before)
    expect(reader?.head.seq).toBe(6)
  })

  it('is not overwritten by a process that started from an older one', () => {
    const dir = createFolder()
    const [first, second] = [createSavedState(dir), createSavedState(dir)]
    first.apply(initialEvents)
    first.save()
    second.reopen(initialEvents)
    const cancelled: Event = { seq: 7, event: 'cancelled', taskId: 't0', time: initialEvents[0]?.time ?? '' }
    for (const savedState of [first, second]) savedState.apply([cancelled])
    first.save()
    expect(() => second.save()).toThrow('not saved')
    expect(openCheckpoint(dir).checkpoint?.head.seq).toBe(7)
  })

  it('with an unreadable record is not opened again after that was found', () => {
    const dir = createFolder()
    const savedState = createSavedState(dir)
    savedState.apply(initialEvents)
    savedState.save()
    savedState.close()
    const opened = openCheckpoint(dir).checkpoint
    const path = join(dir, readdirSync(dir).find(name => name.endsWith('.tree')) ?? '')
    truncateSync(path, 100)
    expect(opened?.isDamaged()).toBe(false)
    expect(() => opened?.verify()).not.toThrow()
    const later = openCheckpoint(dir)
    expect(later.checkpoint).toBe(undefined)
    expect(later.untrustedReason).toMatch(
      /^checkpoint\.[0-9a-f]{8}\.tree ends before byte \d+, where a block should end$/,
    )
  })

  it('takes at most twice its live bytes and 1 MiB on disk, however often it is saved', () => {
    const dir = createFolder()
    const savedState = createSavedState(dir)
    savedState.apply(initialEvents)
    savedState.save()
    let sizeMax = 0
    for (let seq = 7; seq < 1500; seq += 1) {
      savedState.apply([{ seq, event: 'renewed', worker: 'ann', taskId: 't1', token: 1, leaseUntil: null, time: '' }])
      savedState.save()
      sizeMax = Math.max(sizeMax, ...readdirSync(dir).map(name => statSync(join(dir, name)).size))
    }
    expect(sizeMax).toBeGreaterThan(1 << 20)
    expect(sizeMax).toBeLessThan(1.2 * (1 << 20))
    expect(savedState.taskOffsets('t1').length).toBeGreaterThan(1400)
    savedState.close()
  })
})
