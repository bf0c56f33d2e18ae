import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { Seq, Time } from '@claimlog/domain'
import type { Check, CheckName, CheckState, Diagnosis, Holder } from '@claimlog/doctor'
import { Amount, Milliseconds } from '@claimlog/wire/documents'
import { causes } from './repair-codecs.ts'
import { named, optional, view } from './view-codec.ts'

const names: Readonly<Record<CheckName, null>> = {
  directory: null,
  log: null,
  git: null,
  copies: null,
  file_system: null,
  lock: null,
  torn_tail: null,
  chain: null,
  meaning: null,
  clock: null,
  projection: null,
  checkpoint: null,
  runtime: null,
}

const states: Readonly<Record<CheckState, null>> = { ok: null, warning: null, wrong: null, skipped: null }

const HolderCodec = view<Holder>('lock holder', 'who holds the lock of that file, as far as the system tells', {
  file: t.string,
  pid: optional(Seq),
  command: optional(t.string),
  state: optional(t.string),
})

const CheckCodec = view<Check>(
  'check',
  'what one check found; mend is what to do next where all is not well, and the other fields are what explains it',
  {
    name: t.keyof(names),
    state: named(
      'warning: work goes on, and somebody should know; wrong: something will not work, or is lost; skipped: it could not be checked',
      t.keyof(states, 'check state'),
    ),
    message: t.string,
    mend: optional(t.string),
    uid: optional(Amount),
    mode: optional(t.string),
    links: optional(Amount),
    file_system: optional(t.string),
    free_bytes: optional(Amount),
    free_inodes: optional(Amount),
    holders: optional(listOf(HolderCodec, 'lock holders')),
    looked_ms: optional(Milliseconds),
    unfinished_bytes: optional(Amount),
    torn_bytes: optional(Amount),
    copies: optional(listOf(t.string, 'copies')),
    other_queues: optional(listOf(t.string, 'queues of other worktrees')),
    gitignore: optional(t.keyof({ missing: null, ineffective: null })),
    quarantined: optional(listOf(t.string, 'quarantined files')),
    error: optional(t.keyof({ log_damaged: null, unknown_format: null, io_failed: null })),
    cause: optional(t.keyof(causes)),
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

/** What `doctor` prints. */
export const DoctorCodec = view<Diagnosis>('doctor', 'what all checks of a workspace found; ok: nothing is wrong', {
  ok: t.boolean,
  dir: t.string,
  checks: listOf(CheckCodec, 'checks'),
  warnings: Amount,
  wrong: Amount,
})
