import * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import { describeCodec, object, enumCodec, optional } from './object.ts'
import { DamageCauseWord } from './repair.ts'
import { Amount, Milliseconds } from './task.ts'
import type { View } from './view.ts'

export const LockHolderView = object(
  'lock holder',
  'the process that holds the lock of that file, as far as the system shows it',
  {
    file: t.string,
    pid: optional(Seq),
    command: optional(t.string),
    /** The state of the process, as the system names it: `stopped`. */
    state: optional(t.string),
  },
)
/** A process that holds a lock. */
export type LockHolderView = View<typeof LockHolderView>

const CheckState = describeCodec(
  'warning: claimlog works, but the user should know; wrong: something does not work, or data is lost; skipped: it could not be checked',
  enumCodec(['ok', 'warning', 'wrong', 'skipped'], 'check state'),
)

export const CheckResult = object(
  'check',
  'the result of one check; mend is a hint if something is wrong, and the other fields are details',
  {
    /** In the order in which they are printed. */
    name: enumCodec([
      ...(['directory', 'log', 'git', 'copies', 'file_system', 'lock', 'torn_tail'] as const),
      ...(['chain', 'meaning', 'clock', 'projection', 'checkpoint', 'runtime'] as const),
      // Of a log on a server.
      ...(['server', 'tls', 'rights', 'durability', 'notifications'] as const),
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
    holders: optional(listCodec(LockHolderView, 'lock holders')),
    looked_ms: optional(Milliseconds),
    unfinished_bytes: optional(Amount),
    torn_bytes: optional(Amount),
    copies: optional(listCodec(t.string, 'copies')),
    /** Queues in other worktrees of the repository. */
    other_queues: optional(listCodec(t.string, 'queues of other worktrees')),
    /** The problem with the `.gitignore` that should make git ignore the queue. */
    gitignore: optional(enumCodec(['missing', 'ineffective'])),
    quarantined: optional(listCodec(t.string, 'quarantined files')),
    error: optional(enumCodec(['log_damaged', 'unknown_format', 'io_failed'])),
    cause: optional(DamageCauseWord),
    line: optional(Amount),
    offset: optional(Amount),
    seq: optional(Amount),
    hash: optional(t.string),
    time: optional(Time),
    behind_ms: optional(Milliseconds),
    unknown_files: optional(listCodec(t.string, 'unknown files')),
    node: optional(t.string),
  },
)
/** The result of one check. */
export type CheckResult = View<typeof CheckResult>

export const Diagnosis = object('doctor', 'the results of all checks of a workspace; ok: nothing is wrong', {
  ok: t.boolean,
  /** For a log in a file. */
  dir: optional(t.string),
  /** For a log on a server: its URL, without the password. */
  log: optional(t.string),
  checks: listCodec(CheckResult, 'checks'),
  warnings: Amount,
  wrong: Amount,
})
/** The output of `doctor`. `ok`: nothing is wrong, though there may be warnings. */
export type Diagnosis = View<typeof Diagnosis>
