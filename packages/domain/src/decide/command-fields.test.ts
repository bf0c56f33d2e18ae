import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { toWireName } from '@claimlog/codecs'
import { added, at, msAfterNoon, opened, buildState, workspaceId } from '../../testing/decider-specification.ts'
import { emptyState, type State } from '../state/state.ts'
import { explainBadInput } from './bad-input.ts'
import { type Command, decide } from './index.ts'

const taskId = 'task_id must be a task id: 1 to 200 characters, no white space or control characters'

/** For each command, invalid values of its fields, which must not get into an event. */
const badFields: Record<Command['command'], Record<string, unknown>> = {
  open: { workspace: 7, leaseMs: 0, maxAttempts: 0, backoff: { firstMs: 0, maxMs: 1 } },
  add: { tasks: [{ kind: 'a b' }], delayMs: -1 },
  import: { tasks: [{ task: { kind: 'docs' }, importedState: { status: 'blocked' } }] },
  claim: { worker: 'a b', kinds: ['a b'], taskId: 'a b', count: 0, leaseMs: 0, expectSeq: 0 },
  renew: { worker: 'a b', taskId: 'a b', token: 0, leaseMs: 0, progress: Number.NaN },
  complete: { worker: 'a b', taskId: 'a b', token: 0, result: Number.NaN },
  fail: { worker: 'a b', taskId: 'a b', error: 7, stack: 7, token: 0, retryInMs: -1 },
  release: { worker: 'a b', taskId: 'a b', token: 0, reason: 7 },
  hold: { taskId: 'a b', reason: 7 },
  unhold: { taskId: 'a b', reason: 7 },
  cancel: { taskId: 'a b', reason: 7 },
  retry: { taskId: 'a b', reason: 7 },
  amend: { taskId: 'a b', kind: 'a b', title: 7, needs: ['a b'], leaseMs: 0, delayMs: -1 },
  note: { taskId: 'a b', text: 7 },
  pause: { kind: 'a b', reason: 7 },
  resume: { kind: 'a b', reason: 7 },
  limit: { kind: 'a b', limit: 0 },
  move: { target: 'postgres://ann:secret@db/claimlog', logId: 'b7c1' },
}
/** The required fields of each command. */
const required: Record<Command['command'], Record<string, unknown>> = {
  open: { workspace: workspaceId },
  add: { tasks: [] },
  import: { tasks: [] },
  claim: { worker: 'ann', kinds: [] },
  renew: { worker: 'ann', taskId: 't' },
  complete: { worker: 'ann', taskId: 't' },
  fail: { worker: 'ann', taskId: 't', error: 'no' },
  release: { worker: 'ann', taskId: 't' },
  hold: { taskId: 't' },
  unhold: { taskId: 't' },
  cancel: { taskId: 't' },
  retry: { taskId: 't' },
  amend: { taskId: 't' },
  note: { taskId: 't', text: 'see the log' },
  pause: { kind: 'docs' },
  resume: { kind: 'docs' },
  limit: { kind: 'docs', limit: 1 },
  move: { target: 'postgres://db/claimlog?workspace=docs', logId: '0d9c7a52-6a0e-4f0e-9c1b-2f6f3c8e1a11' },
}
const commands = Object.keys(required) as ReadonlyArray<Command['command']>

const initialState = (command: string): State =>
  command === 'open' ? emptyState() : buildState(at(0, opened(), added('t', 'docs')))
const decideOutcome = (command: string, fields: Record<string, unknown>): unknown => {
  const decided = decide({ command, nowMs: msAfterNoon(1), ...fields } as unknown as Command, initialState(command))
  return E.isLeft(decided) ? decided.left.error : 'decided'
}
const badInputDetail = (command: string, fields: Record<string, unknown>): unknown => {
  const decided = decide({ command, nowMs: msAfterNoon(1), ...fields } as unknown as Command, initialState(command))
  return E.isLeft(decided) && decided.left.error === 'bad_input'
    ? explainBadInput(decided.left.detail, toWireName)
    : decided
}

describe('the fields of a command, even from an untyped caller', () => {
  it.each(commands)('are refused by %s one by one if they could not be read back', command => {
    expect(decideOutcome(command, required[command])).not.toBe('bad_input')
    const fields = { ...badFields[command], by: 'a b', requestId: 'a b', nowMs: '0' }
    const outcomes = Object.entries(fields).map(([field, value]) => [
      field,
      decideOutcome(command, { ...required[command], [field]: value }),
    ])
    expect(outcomes).toEqual(Object.keys(fields).map(field => [field, 'bad_input']))
  })

  it.each(commands)('are required by %s unless they are optional', command => {
    for (const field of Object.keys(required[command]))
      expect([field, decideOutcome(command, { ...required[command], [field]: undefined })]).toEqual([
        field,
        'bad_input',
      ])
  })

  it('are refused one by one in the state of an imported task', () => {
    const badState = { worker: 'a b', leaseUntil: 'noon', reason: 7, result: Number.NaN, error: 7, retryAt: 'noon' }
    for (const [field, value] of Object.entries({ ...badState, status: 'blocked' })) {
      const imported = { task: { kind: 'docs' }, importedState: { status: 'ready', [field]: value } }
      expect([field, decideOutcome('import', { tasks: [imported] })]).toEqual([field, 'bad_input'])
    }
    expect(decideOutcome('import', { tasks: [{ task: { kind: 'docs' } }] })).toBe('bad_input')
    expect(decideOutcome('import', { tasks: [{ importedState: { status: 'ready' } }] })).toBe('bad_input')
    expect(decideOutcome('import', { tasks: [{ task: { kind: 'a b' }, importedState: { status: 'ready' } }] })).toBe(
      'bad_input',
    )
  })

  it('may have times of a clock between the years 1900 and 9000', () => {
    for (const nowMs of [Date.UTC(1900, 0), Date.UTC(9000, 0)])
      expect(decideOutcome('hold', { taskId: 't', nowMs })).toBe('decided')
    for (const nowMs of [Date.UTC(1900, 0) - 1, Date.UTC(9000, 0) + 1, '0'])
      expect(badInputDetail('hold', { taskId: 't', nowMs })).toBe(
        "this machine's clock is not between the years 1900 and 9000: set it and try again",
      )
  })
})

describe('the explanation of a malformed command uses the names that the caller knows', () => {
  const importedState = { status: 'ready' }

  it('the name of the field, or none for a single task', () => {
    expect(badInputDetail('hold', { taskId: 'a b' })).toBe(taskId)
    expect(badInputDetail('add', { tasks: [{ kind: 'docs', taskId: 'a b' }] })).toBe(taskId)
    expect(badInputDetail('add', { tasks: [{ kind: 'docs', backoff: { firstMs: 0, maxMs: 1 } }] })).toMatch(
      /^backoff\.first_ms must be /,
    )
    expect(badInputDetail('add', { tasks: [{}] })).toBe('the task needs "kind"')
    expect(badInputDetail('import', { tasks: [{ task: { kind: 'docs', taskId: 'a b' }, importedState }] })).toBe(taskId)
    expect(
      badInputDetail('import', {
        tasks: [{ task: { kind: 'docs' }, importedState: { status: 'ready', worker: 'a b' } }],
      }),
    ).toBe('worker must be a worker name: 1 to 200 characters, no white space or control characters')
  })

  it('the path inside a nested field', () => {
    expect(badInputDetail('amend', { taskId: 't', backoff: { firstMs: 0, maxMs: 1 } })).toMatch(
      /^backoff\.first_ms must be /,
    )
    expect(badInputDetail('add', { tasks: 't' })).toContain('tasks must be a list of tasks')
    expect(badInputDetail('import', { tasks: 't' })).toContain('tasks must be a list of tasks')
    expect(badInputDetail('claim', { worker: 'ann', kinds: 'docs' })).toContain('kinds must be a list of kinds')
  })

  it('the number of the task if there are several', () => {
    expect(badInputDetail('add', { tasks: [{ kind: 'docs' }, { kind: 'docs', taskId: 'a b' }] })).toBe(
      `task 2: ${taskId}`,
    )
    expect(badInputDetail('add', { tasks: [{ kind: 'docs' }, {}] })).toBe('task 2: needs "kind"')
    const validTask = { task: { kind: 'docs' }, importedState }
    expect(
      badInputDetail('import', { tasks: [validTask, { task: { kind: 'docs', taskId: 'a b' }, importedState }] }),
    ).toBe(`task 2: ${taskId}`)
  })

  it('the missing field', () => {
    expect(badInputDetail('hold', {})).toBe('needs "task_id"')
  })

  it('the name of an unknown command', () => {
    expect(badInputDetail('nope', {})).toBe('there is no command "nope"')
  })
})
