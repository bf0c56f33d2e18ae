import type { Random } from '../support/random.ts'

/** The kinds that route tasks to workers: hanging tasks only to workers with a timeout. */
type SoakKind = 'steady' | 'failing' | 'hanging'

/** The expected end of a task. */
export type ExpectedEnd = {
  readonly kind: SoakKind
  /** The end of the last attempt, unless all attempts were lost with their workers. */
  readonly end: 'done' | 'failed'
  /** The error of every failed attempt; undefined: none may fail. */
  readonly error?: RegExp
  /** The reason of a release by the command; undefined: only the worker may release. */
  readonly reason?: string
}

/** The expected ends, by the `does` of the payload, which command.sh carries out. */
export const expectedEnds = {
  succeed: { kind: 'steady', end: 'done' },
  'succeed-later': { kind: 'steady', end: 'done' },
  write: { kind: 'steady', end: 'done' },
  flood: { kind: 'steady', end: 'done' },
  renew: { kind: 'steady', end: 'done' },
  add: { kind: 'steady', end: 'done' },
  fork: { kind: 'steady', end: 'done' },
  'fail-once': { kind: 'steady', end: 'done', error: /^exit 4: not at once$/ },
  'give-back': { kind: 'steady', end: 'done', reason: 'not yet' },
  fail: { kind: 'failing', end: 'failed', error: /^exit 3: no disk$/ },
  'flood-and-fail': { kind: 'failing', end: 'failed', error: /^exit 3: a line(.|\n)*\nno disk$/ },
  'fork-and-fail': { kind: 'failing', end: 'failed', error: /^exit 3: no disk$/ },
  die: { kind: 'failing', end: 'failed', error: /^killed by SIGKILL$/ },
  'die-all': { kind: 'failing', end: 'failed', error: /^killed by SIGKILL$/ },
  fault: { kind: 'failing', end: 'failed', error: /^killed by SIGSEGV$/ },
  hang: { kind: 'hanging', end: 'failed', error: /^timed out after \d+ ms$/ },
  'hang-on': { kind: 'hanging', end: 'failed', error: /^timed out after \d+ ms$/ },
  'hang-with-others': { kind: 'hanging', end: 'failed', error: /^timed out after \d+ ms$/ },
} as const satisfies Record<string, ExpectedEnd>

type TaskAction = keyof typeof expectedEnds

const actions = Object.keys(expectedEnds) as ReadonlyArray<TaskAction>
const quickActions = actions.filter(action => expectedEnds[action].kind !== 'hanging')
const hangingActions = actions.filter(action => expectedEnds[action].kind === 'hanging')

/** A task as `claimlog add -` reads it. */
export type SoakTask = {
  readonly kind: SoakKind
  readonly task_id: string
  readonly max_attempts: number
  readonly payload: { readonly does: TaskAction; readonly for: string }
}

/** The `n`-th task. Only one in ten hangs, because that occupies a worker until its timeout. */
export const drawTask = (random: Random, n: number): SoakTask => {
  const does = (random.chance(10) ? random.oneOf(hangingActions) : random.oneOf(quickActions)) ?? 'succeed'
  return {
    kind: expectedEnds[does].kind,
    task_id: `t${n}`,
    // Enough for the steady ones to finish however often their workers are killed; few for those that use them up.
    max_attempts: expectedEnds[does].end === 'done' ? 12 : random.between(1, 3),
    payload: { does, for: (random.between(2, 30) / 10).toFixed(1) },
  }
}
