import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { NewTask } from '@claimlog/client/unstable-internals'
import {
  backoffArgument,
  collected,
  jsonArgument,
  type Lease,
  leaseArgument,
  leaseMsOf,
  namesArgument,
  timeOrNowArgument,
  waitArgument,
  wholeNumberArgument,
} from './arguments.ts'
import type { CliError } from '../problem.ts'

/** What the flags say of a task. */
export type TaskFlags = {
  readonly title?: string
  readonly payload?: string
  readonly needs?: ReadonlyArray<string>
  readonly priority?: number
  readonly at?: string
  readonly in?: number
  readonly maxAttempts?: number
  readonly backoff?: NewTask['backoff']
  readonly lease?: Lease
  readonly tag?: ReadonlyArray<string>
}

/** Gives `command` the flags by which a task is described, when it is added and when it is amended. */
export const withTaskFlags = (command: Command): Command =>
  command
    .option('--title <text>', 'what it is, for people')
    .option('--payload <json>', 'what its worker needs: JSON, @file, or - for stdin')
    .option('--needs <task_ids>', 'tasks that must be done first, separated by commas', namesArgument)
    .option('--priority <n>', '0 is most urgent, 9 least (default: 5)', wholeNumberArgument)
    .option('--at <time>', 'not to be claimed before, as in 2026-01-31T09:00Z, or now', timeOrNowArgument)
    .option('--in <duration>', 'not to be claimed before so long from now', waitArgument)
    .option('--max-attempts <n>', 'how often it is tried', wholeNumberArgument)
    .option('--backoff <first..max>', 'the wait after a failure, doubled each time, as in 10s..1h', backoffArgument)
    .option('--lease <duration>', 'how long a claim on it lasts unless renewed, or none', leaseArgument)
    .option('--tag <tag>', 'a label; can be given more than once', collected)

/** What the flags say of a task; `delayMs` is counted from when the command is decided. */
type Described = { readonly fields: Omit<NewTask, 'kind' | 'taskId'>; readonly delayMs: number | undefined }

/** The flags as fields of a task, a field only where its flag was given. */
export const taskFieldsOf = (flags: TaskFlags): TE.TaskEither<CliError, Described> => {
  const { title, needs, priority, at, in: waitMs, maxAttempts, backoff, lease, tag: tags } = flags
  if (at !== undefined && waitMs !== undefined)
    return TE.left({ usage: 'usage', detail: '--at and --in both say when', mend: 'give one of them' })
  const notBefore = at === 'now' ? undefined : at
  const leaseMs = leaseMsOf(lease)
  return pipe(
    jsonArgument('--payload', flags.payload),
    TE.map(payload => ({
      fields: { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, tags },
      delayMs: at === 'now' ? 0 : waitMs,
    })),
  )
}

/** The flags that say something of a single task, as they are typed, with where commander puts them. */
export const taskFlagNames: ReadonlyArray<readonly [keyof TaskFlags, string]> = [
  ['title', '--title'],
  ['payload', '--payload'],
  ['needs', '--needs'],
  ['priority', '--priority'],
  ['at', '--at'],
  ['in', '--in'],
  ['maxAttempts', '--max-attempts'],
  ['backoff', '--backoff'],
  ['lease', '--lease'],
  ['tag', '--tag'],
]
