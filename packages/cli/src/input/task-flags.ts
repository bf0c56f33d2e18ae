import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { NewTask } from '@claimlog/client/unstable-internals'
import {
  parseBackoffArgument,
  collectValues,
  readJsonArgument,
  type LeaseArgument,
  parseLeaseArgument,
  toLeaseMs,
  parseNamesArgument,
  parseTimeOrNowArgument,
  parseWaitArgument,
  parseWholeNumberArgument,
} from './arguments.ts'
import type { CliError } from '../cli-error.ts'

/** The values of the flags that describe a task. */
export type TaskFlags = {
  readonly title?: string
  readonly payload?: string
  readonly needs?: ReadonlyArray<string>
  readonly priority?: number
  readonly at?: string
  readonly in?: number
  readonly maxAttempts?: number
  readonly backoff?: NewTask['backoff']
  readonly lease?: LeaseArgument
  readonly tag?: ReadonlyArray<string>
}

/** Adds the flags that describe a task to `command`, which is `add` or, with `isAmend`, `amend`: only `add` has defaults. */
export const addTaskFlags = (command: Command, isAmend = false): Command => {
  const byDefault = (text: string): string => (isAmend ? '' : ` (default: ${text})`)
  return command
    .option('--title <text>', 'Title, for people')
    .option('--payload <json>', 'Data for the worker: JSON, @file, or - for stdin')
    .option('--needs <task_ids>', 'Tasks that it depends on, separated by commas', parseNamesArgument)
    .option('--priority <n>', `Priority, from 0 (most urgent) to 9${byDefault('5')}`, parseWholeNumberArgument)
    .option('--at <time>', 'Earliest time for a claim, as in 2026-01-31T09:00Z, or now', parseTimeOrNowArgument)
    .option('--in <duration>', 'Delay before it may be claimed', parseWaitArgument)
    .option(
      '--max-attempts <n>',
      `Attempts before it has failed for good${byDefault('that of the workspace')}`,
      parseWholeNumberArgument,
    )
    .option(
      '--backoff <first..max>',
      `Delay after a failure, doubled each time, as in 10s..1h${byDefault('that of the workspace')}`,
      parseBackoffArgument,
    )
    .option(
      '--lease <duration>',
      `How long a claim lasts unless renewed; none: it never expires${byDefault('that of the workspace')}`,
      parseLeaseArgument,
    )
    .option('--tag <tag>', 'Tag; can be given more than once', collectValues)
}

/** The fields of a task; `delayMs` is counted from the time at which the command is decided. */
type ParsedTaskFlags = { readonly fields: Omit<NewTask, 'kind' | 'taskId'>; readonly delayMs: number | undefined }

/** Converts the flags to fields of a task, with a field for each flag that was given. */
export const parseTaskFlags = (flags: TaskFlags): TE.TaskEither<CliError, ParsedTaskFlags> => {
  const { title, needs, priority, at, in: waitMs, maxAttempts, backoff, lease, tag: tags } = flags
  if (at !== undefined && waitMs !== undefined)
    return TE.left({ usage: 'usage', detail: '--at and --in cannot be combined', hint: 'use one of them' })
  const notBefore = at === 'now' ? undefined : at
  const leaseMs = toLeaseMs(lease)
  return pipe(
    readJsonArgument('--payload', flags.payload),
    TE.map(payload => ({
      fields: { title, payload, needs, priority, notBefore, maxAttempts, backoff, leaseMs, tags },
      delayMs: at === 'now' ? 0 : waitMs,
    })),
  )
}

/** The flags that describe a single task, each with its key in commander's options. */
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
