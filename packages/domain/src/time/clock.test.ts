import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClockReading, toElapsedTime, timeToMs, toWallTime, withReading } from './clock.ts'
import { type Command, decide } from '../decide/index.ts'
import type { ImportedState } from '../decide/tasks/imported-task.ts'
import { fold } from '../evolve/evolve.ts'
import { invariantViolation } from '../evolve/invariants.ts'
import { emptyState, type State } from '../state/state.ts'

const noonMs = Date.UTC(2026, 0, 1, 12)
const secondMs = 1000
const hourMs = 3600 * secondMs
const dayMs = 24 * hourMs
const yearMs = 365 * dayMs
const wrongClocks = [70 * yearMs, dayMs, hourMs, -hourMs, -57 * yearMs]

type ClockedCommand = Command extends infer C ? (C extends Command ? Omit<C, keyof ClockReading> : never) : never

/** A machine with a boot clock, whose processes have separate wall clocks; `trueMs` is the time that has passed. */
const machine = () => {
  let state: State = emptyState()
  let trueMs = 0
  let bootedMs = 0
  let boots = 1
  const reading = (aheadMs = 0): ClockReading => ({
    nowMs: noonMs + trueMs + aheadMs,
    boot: `boot-${boots}`,
    upMs: trueMs - bootedMs,
  })
  const run = (input: ClockedCommand, aheadMs = 0) => {
    const decided = decide({ ...input, ...reading(aheadMs) }, state)
    if (E.isLeft(decided)) return decided.left
    for (const event of decided.right.events) {
      expect(invariantViolation(state, event)).toBeUndefined()
      expect(event.time >= state.lineTime).toBe(true)
      state = fold(state, [event])
    }
    return decided.right._tag === 'RefusedWithEvents' ? decided.right.refusal : decided.right
  }
  run({ command: 'open', workspace: 'w' })
  return {
    run,
    pass: (ms: number) => (trueMs += ms),
    reboot: (ms: number) => {
      trueMs += ms
      bootedMs = trueMs
      boots += 1
    },
    /** True if a claim by a process with a correct clock finds a task. */
    isClaimed: (worker: string) => 'taskIds' in run({ command: 'claim', worker, kinds: [], leaseMs: hourMs }),
    elapsedMs: () => {
      const localState = withReading(state, reading())
      return timeToMs(toElapsedTime(localState.time, localState.clock, reading().nowMs)) - noonMs
    },
    shownLeaseEnd: () => toWallTime(state.table.get('t')?.claim?.leaseUntil, withReading(state, reading()).clock),
  }
}

const add: ClockedCommand = { command: 'add', tasks: [{ taskId: 't', kind: 'docs' }] }
const claimWithLease = (worker: string, leaseMs: number): ClockedCommand => ({
  command: 'claim',
  worker,
  kinds: [],
  leaseMs,
})
const note: ClockedCommand = { command: 'note', taskId: 't', text: 'x' }

/** Commands after which a task is claimable two seconds later, but not after one second. */
const expectFreeInTwoSeconds = (inputs: ReadonlyArray<ClockedCommand>, aheadMs: number): void => {
  const { run, pass, isClaimed } = machine()
  for (const input of inputs) expect(run(input, aheadMs)).toMatchObject({ _tag: 'Append' })
  pass(secondMs)
  expect(isClaimed('bob')).toBe(false)
  pass(2 * secondMs)
  expect(isClaimed('bob')).toBe(true)
}

describe.each(wrongClocks)('one process whose clock is %d ms wrong', aheadMs => {
  it('neither shortens nor extends existing leases', () => {
    const { run, pass, isClaimed } = machine()
    run(add)
    run(claimWithLease('ann', 60 * secondMs))
    pass(10 * secondMs)
    run(note, aheadMs)
    pass(49 * secondMs)
    expect(isClaimed('bob')).toBe(false)
    pass(2 * secondMs)
    expect(isClaimed('bob')).toBe(true)
  })

  it('takes over no live lease itself', () => {
    const { run, pass } = machine()
    run(add)
    run(claimWithLease('ann', 60 * secondMs))
    pass(30 * secondMs)
    expect(run(claimWithLease('bob', secondMs), aheadMs)).toMatchObject({ error: 'no_ready_task' })
  })

  it('gives leases, renewals, delays and retries the requested length', () => {
    const inputs: ReadonlyArray<ReadonlyArray<ClockedCommand>> = [
      [add, claimWithLease('ann', 2 * secondMs)],
      [add, claimWithLease('ann', secondMs), { command: 'renew', worker: 'ann', taskId: 't', leaseMs: 2 * secondMs }],
      [{ ...add, delayMs: 2 * secondMs }],
      [
        add,
        claimWithLease('ann', hourMs),
        { command: 'fail', worker: 'ann', taskId: 't', error: 'x', retryInMs: 2 * secondMs },
      ],
    ]
    for (const each of inputs) expectFreeInTwoSeconds(each, aheadMs)
  })

  it('gives the times in its commands by its clock', () => {
    const dueTime = new Date(noonMs + aheadMs + 2 * secondMs).toISOString()
    const kind = 'docs'
    const importCommand = (task: object, importedState: ImportedState): ClockedCommand => ({
      command: 'import',
      tasks: [{ task: { taskId: 't', kind, ...task }, importedState }],
    })
    const inputs: ReadonlyArray<ReadonlyArray<ClockedCommand>> = [
      [{ command: 'add', tasks: [{ taskId: 't', kind, notBefore: dueTime }] }],
      [add, { command: 'amend', taskId: 't', notBefore: dueTime }],
      [importCommand({ notBefore: dueTime }, { status: 'ready' })],
      [importCommand({}, { status: 'ready', worker: 'ann', leaseUntil: dueTime })],
      [importCommand({}, { status: 'ready', retryAt: dueTime })],
    ]
    for (const each of inputs) expectFreeInTwoSeconds(each, aheadMs)
  })

  it('gets the times of refusals by its clock', () => {
    const { run, pass } = machine()
    run(add)
    run(claimWithLease('ann', 2 * secondMs))
    pass(secondMs)
    expect(run(claimWithLease('bob', secondMs), aheadMs)).toMatchObject({
      error: 'no_ready_task',
      waiting: { nextAt: new Date(noonMs + aheadMs + 2 * secondMs).toISOString() },
    })
  })

  it('leaves leases that later processes see by their clocks', () => {
    const { run, shownLeaseEnd } = machine()
    run(add)
    run(note, aheadMs)
    run(claimWithLease('ann', 5 * secondMs))
    expect(shownLeaseEnd()).toBe(new Date(noonMs + 5 * secondMs).toISOString())
  })

  it('makes no task wait longer after a reboot', () => {
    const { run, pass, reboot, isClaimed } = machine()
    run(add)
    run(claimWithLease('ann', 60 * secondMs), aheadMs)
    run(note)
    reboot(30 * secondMs)
    run(note)
    pass(61 * secondMs)
    expect(isClaimed('bob')).toBe(true)
  })
})

it('elapsed time is true time, even if wall clocks are wrong or set repeatedly', () => {
  const step = fc.record({
    passMs: fc.integer({ min: 0, max: hourMs }),
    aheadMs: fc.constantFrom(0, 0, ...wrongClocks, 300, -300),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const { run, pass, elapsedMs } = machine()
      run(add)
      let trueMs = 0
      for (const { passMs, aheadMs } of steps) {
        pass(passMs)
        trueMs += passMs
        run(note, aheadMs)
        expect(Math.abs(elapsedMs() - trueMs)).toBeLessThanOrEqual(secondMs)
      }
    }),
    { seed: 20_260_101, numRuns: 300 },
  )
})

it('a log that is written without a boot clock continues after its clock was set back', () => {
  let state = emptyState()
  const run = (input: ClockedCommand, nowMs: number) => {
    const decided = decide({ ...input, nowMs }, state)
    if (E.isRight(decided)) state = fold(state, decided.right.events)
  }
  run({ command: 'open', workspace: 'w' }, noonMs)
  run(add, noonMs + dayMs)
  run(claimWithLease('ann', 2 * secondMs), noonMs)
  run(claimWithLease('bob', secondMs), noonMs + secondMs)
  expect(state.table.get('t')?.claim?.worker).toBe('ann')
  run(claimWithLease('bob', secondMs), noonMs + 2 * secondMs)
  expect(state.table.get('t')?.claim?.worker).toBe('bob')
})
