import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Command, decide } from '../decide/index.ts'
import {
  add,
  added,
  at,
  claim,
  addCommandTime,
  given,
  opened,
  type UntimedCommand,
  buildState,
} from '../../testing/decider-specification.ts'
import { allTasks } from '../queries/tasks.ts'
import { Kind, TaskId, WorkerName } from './scalars.ts'

const badNames: ReadonlyArray<readonly [string, string]> = [
  ['nothing at all', ''],
  ['201 characters', 'x'.repeat(201)],
  ['201 characters of two units each', '🦊'.repeat(201)],
  ['a space', 'a b'],
  ['a space at its end', 'a '],
  ['a no-break space', 'a\u00a0b'],
  ['an ideographic space', 'a\u3000b'],
  ['a line separator', 'a\u2028b'],
  ['a newline', 'a\n'],
  ['a tab', 'a\tb'],
  ['NUL', 'a\0b'],
  ['an escape', '\u001b[31m'],
  ['a delete', 'a\u007f'],
  ['a C1 control', 'a\u0085b'],
  ['a byte order mark', '\ufeffa'],
  ['a lone high surrogate', 'a\ud83e'],
  ['a lone low surrogate', '\udd8aa'],
]

describe('a name', () => {
  it.each(badNames)('is refused with %s', (_, name) => {
    expect([TaskId.is(name), WorkerName.is(name), Kind.is(name)]).toEqual([false, false, false])
  })

  it('has up to 200 characters, or 64 for a kind, regardless of their UTF-16 units', () => {
    for (const character of ['x', 'é', '🦊', '漢']) {
      expect(TaskId.is(character.repeat(200))).toBe(true)
      expect(WorkerName.is(character.repeat(200))).toBe(true)
      expect(Kind.is(character.repeat(64))).toBe(true)
      expect(Kind.is(character.repeat(65))).toBe(false)
    }
  })

  it.each([1, null, undefined, [], ['a'], {}, Number.NaN])('is a string, not %j', value => {
    expect(TaskId.is(value)).toBe(false)
  })
})

describe('a bad name in a command', () => {
  const state = buildState(at(0, opened(), added('t', 'docs')))
  const places: ReadonlyArray<readonly [string, (name: string) => UntimedCommand]> = [
    ['a new id', name => add({ kind: 'docs', taskId: name })],
    ['a kind', name => add({ kind: name })],
    ['a need', name => add({ kind: 'docs', needs: [name] })],
    ['a key', name => add({ kind: 'docs', key: name })],
    ['a tag', name => add({ kind: 'docs', tags: [name] })],
    ['a worker', name => claim(name)],
    ['a requested kind', name => claim('ann', name)],
    ['the id of a completed task', name => ({ command: 'complete', worker: 'ann', taskId: name })],
    ['the author of a command', name => ({ command: 'hold', taskId: 't', by: name })],
    ['a request id', name => ({ command: 'hold', taskId: 't', requestId: name })],
  ]

  it.each(places)('is bad input as %s', (_, createCommand) => {
    for (const [, name] of badNames)
      expect(decide(addCommandTime(0, createCommand(name)), state)).toMatchObject({ left: { error: 'bad_input' } })
  })

  it('is explained with its path and the rule', () => {
    given(at(0, opened()))
      .when(add({ kind: 'docs' }, { kind: 'docs', taskId: 'a b' }), 0)
      .thenRefused({
        error: 'bad_input',
        detail: [
          {
            task: 2,
            field: 'taskId',
            problem: 'must be a task id: 1 to 200 characters, no white space or control characters',
          },
        ],
      })
  })
})

describe('a name with a special meaning in JavaScript', () => {
  it('is not a command', () => {
    for (const command of ['__proto__', 'toString', 'constructor', 'nope', ''])
      expect(decide({ command, nowMs: 0 } as unknown as Command, buildState(at(0, opened())))).toMatchObject({
        left: { error: 'bad_input' },
      })
  })
})

describe('a command of any shape', () => {
  const commands = ['open', 'add', 'import', 'claim', 'renew', 'complete', 'fail', 'release', 'hold', 'unhold']
  const fields = ['nowMs', 'tasks', 'worker', 'kinds', 'taskId', 'leaseMs', 'token', 'error', 'result', 'backoff']

  it('is decided or refused, and never throws', () => {
    const state = buildState(at(0, opened(), added('t', 'docs')))
    const before = JSON.stringify(allTasks(state))
    const anyValue = fc.oneof(fc.anything(), fc.constantFrom('t', 'docs', 0, 1, null, [], [null], {}, [{}], ['docs']))
    fc.assert(
      fc.property(
        fc.constantFrom(...commands),
        fc.dictionary(fc.constantFrom(...fields), anyValue),
        (name, commandFields) => {
          const decided = decide({ nowMs: 0, ...commandFields, command: name } as unknown as Command, state)
          return E.isLeft(decided) ? typeof decided.left.error === 'string' : Array.isArray(decided.right.events)
        },
      ),
      { seed: 20250101, numRuns: 2000 },
    )
    expect(JSON.stringify(allTasks(state))).toBe(before)
  })

  it.each([Number.NaN, Infinity, Date.UTC(1899, 0), '0', null, undefined, 253_402_300_800_000])(
    'is refused at the time %j',
    nowMs => {
      const command = { ...claim('ann'), nowMs } as unknown as Command
      expect(decide(command, buildState(at(0, opened())))).toMatchObject({ left: { error: 'bad_input' } })
    },
  )

  it.each([Number.NaN, 0, -1, 1.5, '900000', 2 ** 53, Infinity])('is refused with a lease of %j ms', leaseMs => {
    const command = { ...claim('ann'), leaseMs, nowMs: 0 } as unknown as Command
    expect(decide(command, buildState(at(0, opened(), added('t', 'docs'))))).toMatchObject({
      left: { error: 'bad_input' },
    })
  })

  it.each([-1, 10, 1.5, Number.NaN, '1', null])('is refused with a priority of %j', priority => {
    const command = addCommandTime(0, add({ kind: 'docs', priority: priority as number }))
    expect(decide(command, buildState(at(0, opened())))).toMatchObject({ left: { error: 'bad_input' } })
  })

  it('is refused with a payload that JSON would change or drop', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    const payloads = [
      Number.NaN,
      -Infinity,
      new Date(0),
      new Map(),
      () => 1,
      1n,
      [undefined],
      { a: undefined },
      nested(101),
    ]
    for (const payload of payloads)
      expect(
        decide(addCommandTime(0, add({ kind: 'docs', payload: payload as null })), buildState(at(0, opened()))),
      ).toMatchObject({
        left: { error: 'bad_input' },
      })
    expect(
      E.isRight(
        decide(addCommandTime(0, add({ kind: 'docs', payload: nested(100) as null })), buildState(at(0, opened()))),
      ),
    ).toBe(true)
  })
})
