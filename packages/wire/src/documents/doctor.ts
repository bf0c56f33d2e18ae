import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import { named, object, oneOf, optional } from './object.ts'
import { DamageCauseWord } from './repair.ts'
import { Amount, Milliseconds } from './task.ts'

export const LockHolder = object('lock holder', 'who holds the lock of that file, as far as the system tells', {
  file: t.string,
  pid: optional(Seq),
  command: optional(t.string),
  /** What the process is doing, in a word of the system's: `stopped`. */
  state: optional(t.string),
})
/** A process that keeps others waiting. */
export type LockHolder = t.TypeOf<typeof LockHolder>

const CheckState = named(
  'warning: work goes on, and somebody should know; wrong: something will not work, or is lost; skipped: it could not be checked',
  oneOf(['ok', 'warning', 'wrong', 'skipped'], 'check state'),
)

export const Check = object(
  'check',
  'what one check found; mend is what to do next where all is not well, and the other fields are what explains it',
  {
    /** In the order in which they are told. */
    name: oneOf([
      ...(['directory', 'log', 'git', 'copies', 'file_system', 'lock', 'torn_tail'] as const),
      ...(['chain', 'meaning', 'clock', 'projection', 'checkpoint', 'runtime'] as const),
    ]),
    state: CheckState,
    message: t.string,
    mend: optional(t.string),
    uid: optional(Amount),
    /** Permissions in octal: `0644`. */
    mode: optional(t.string),
    links: optional(Amount),
    file_system: optional(t.string),
    free_bytes: optional(Amount),
    free_inodes: optional(Amount),
    holders: optional(listOf(LockHolder, 'lock holders')),
    looked_ms: optional(Milliseconds),
    unfinished_bytes: optional(Amount),
    torn_bytes: optional(Amount),
    copies: optional(listOf(t.string, 'copies')),
    /** Of another worktree of the repository. */
    other_queues: optional(listOf(t.string, 'queues of other worktrees')),
    /** What is amiss with the `.gitignore` that would have git leave the queue alone. */
    gitignore: optional(oneOf(['missing', 'ineffective'])),
    quarantined: optional(listOf(t.string, 'quarantined files')),
    error: optional(oneOf(['log_damaged', 'unknown_format', 'io_failed'])),
    cause: optional(DamageCauseWord),
    line: optional(Amount),
    offset: optional(Amount),
    seq: optional(Amount),
    hash: optional(t.string),
    time: optional(Time),
    behind_ms: optional(Milliseconds),
    unknown_files: optional(listOf(t.string, 'unknown files')),
    node: optional(t.string),
  },
)
/** What one check found. */
export type Check = t.TypeOf<typeof Check>

export const Diagnosis = object('doctor', 'what all checks of a workspace found; ok: nothing is wrong', {
  ok: t.boolean,
  dir: t.string,
  checks: listOf(Check, 'checks'),
  warnings: Amount,
  wrong: Amount,
})
/** What `doctor` prints. `ok`: nothing is wrong, though there may be warnings. */
export type Diagnosis = t.TypeOf<typeof Diagnosis>
