import fc from 'fast-check'
import type { NewTask } from '../src/decide/tasks/new-task.ts'
import { minuteMs, type UntimedCommand, time } from './decider-specification.ts'
import { type ModelStep, holderPlaceholder } from './model/model-run.ts'

/** `arbitrary` once in `odds` times, otherwise undefined. */
const sometimes = <A>(odds: number, arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
  fc.oneof({ weight: odds - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const taskId = fc.constantFrom('t0', 't1', 't2', 't3', 't4', '__proto__')
const kind = fc.constantFrom('docs', 'ci')
const leaseMs = fc.constantFrom(undefined, undefined, null, minuteMs, 5 * minuteMs, 30 * minuteMs)
const specFields = {
  priority: fc.constantFrom(undefined, undefined, 0, 9),
  needs: sometimes(4, fc.array(taskId, { maxLength: 2 })),
  notBefore: sometimes(4, fc.constantFrom(time(3), time(20), time(45))),
  maxAttempts: fc.constantFrom(undefined, 1, 2),
}
const newTask: fc.Arbitrary<NewTask> = fc.record({
  ...specFields,
  kind,
  taskId: fc.option(taskId, { nil: undefined, freq: 6 }),
  key: sometimes(4, fc.constant('k')),
})
const holderFields = {
  worker: fc.constantFrom(
    'ann',
    'bob',
    'cem',
    holderPlaceholder,
    holderPlaceholder,
    holderPlaceholder,
    holderPlaceholder,
  ),
  taskId,
  token: sometimes(4, fc.integer({ min: 1, max: 40 })),
}

const claimNext = sometimes(2, fc.record({ kinds: fc.array(kind, { maxLength: 2 }), leaseMs }))

const commandInput = <const C extends UntimedCommand['command'], R extends object>(
  command: C,
  fields: { readonly [K in keyof R]: fc.Arbitrary<R[K]> },
): fc.Arbitrary<UntimedCommand> =>
  fc.record({ command: fc.constant(command), ...fields }) as fc.Arbitrary<unknown> as never

/** Commands with their weights. The last is bad input, which never changes anything. */
const commandInputs: ReadonlyArray<readonly [weight: number, fc.Arbitrary<UntimedCommand>]> = [
  [2, commandInput('add', { tasks: fc.array(newTask, { maxLength: 3 }) })],
  [
    14,
    commandInput('claim', {
      worker: fc.constantFrom('ann', 'bob', 'cem'),
      kinds: fc.array(kind, { maxLength: 2 }),
      taskId: sometimes(4, taskId),
      count: sometimes(5, fc.integer({ min: 1, max: 4 })),
      leaseMs,
    }),
  ],
  [
    6,
    commandInput('renew', { ...holderFields, leaseMs, progress: fc.constantFrom(undefined, { done: 1 }, { done: 2 }) }),
  ],
  [4, commandInput('complete', { ...holderFields, result: fc.constantFrom(undefined, 1, 2), claimNext })],
  [
    3,
    commandInput('fail', {
      ...holderFields,
      error: fc.constant('no'),
      stack: sometimes(3, fc.constant('    at work')),
      retryInMs: sometimes(3, fc.constantFrom(null, 0, 180_000)),
      claimNext,
    }),
  ],
  [2, commandInput('release', holderFields)],
  [1, commandInput('hold', { taskId })],
  [3, commandInput('unhold', { taskId })],
  [1, commandInput('cancel', { taskId })],
  [4, commandInput('retry', { taskId })],
  [5, commandInput('amend', { ...specFields, taskId, kind: sometimes(4, kind) })],
  [1, commandInput('note', { taskId, text: fc.constantFrom('see the log', ' ') })],
  [1, commandInput('pause', { kind })],
  [3, commandInput('resume', { kind })],
  [2, commandInput('limit', { kind, limit: fc.constantFrom(null, 1, 1, 2) })],
  [1, commandInput('claim', { worker: fc.constant('a b'), kinds: fc.constant([]) })],
]
const minutes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom(15, 16, 40) },
)
const minutesOfYear = 365 * 24 * 60
/** Most clocks are right; some were set by hand, some start in 1969. */
const aheadMinutes = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(-60, -1, 1, 24 * 60, 70 * minutesOfYear, -56 * minutesOfYear) },
)
/** Any command, likely ones more often than unlikely ones. */
export const anyStep: fc.Arbitrary<ModelStep> = fc.record({
  minutes,
  aheadMinutes,
  input: fc.oneof(...commandInputs.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  requestId: sometimes(6, fc.constantFrom('r0', 'r1', 'r2', 'r3', 'r4')),
  seqLag: sometimes(6, fc.constantFrom(0, 0, 1)),
})
