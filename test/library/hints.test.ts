import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as library from '@claimlog/client'
import type { ClaimRecord, Failure, NoReadyTask, Refusal, RefusalCode, Time } from '@claimlog/client'

const time = '2026-01-31T12:00:00.000Z' as Time

/** An id that must be quoted in a program and in a shell. */
const taskId = `it's "a"`

const claim: ClaimRecord = { worker: 'ann', token: 4, attempt: 1, claimedAt: time, leaseUntil: time } as ClaimRecord

const noReadyTask = (waiting: Partial<NoReadyTask['waiting']>): NoReadyTask => ({
  error: 'no_ready_task',
  kinds: [],
  waiting: { kinds: [], tasks: [], nextAt: undefined, ...waiting },
})

const refusals: { readonly [W in RefusalCode]: ReadonlyArray<Omit<Extract<Refusal, { error: W }>, 'error'>> } = {
  no_workspace: [{}],
  workspace_moved: [{ target: '/srv/queue' }, { target: 'postgres://db/claimlog?workspace=docs' }],
  bad_input: [{ detail: 'kind must be a kind' }],
  no_ready_task: [
    noReadyTask({}),
    noReadyTask({ nextAt: time }),
    noReadyTask({ nextAt: time, tasks: [{ taskId, guards: [], moreGuards: 0 }] }),
    noReadyTask({ tasks: [{ taskId, guards: [], moreGuards: 0 }] }),
    noReadyTask({ unknown: [{ kind: 'dcos', nearest: 'docs' }] }),
  ],
  unknown_task: [{ taskId }, { taskId, dependentId: 'b' }],
  task_exists: [
    { taskId, fields: ['title'] },
    { taskId, fields: ['title'], imported: true },
  ],
  task_finished: [{ taskId, status: 'done', worker: 'ann' }],
  task_held: [{ taskId, hold: { seq: 3, time, by: 'eve', reason: 'ask' } }],
  task_blocked: [{ taskId, needs: ['b'] }],
  not_due: [{ taskId, dueAt: time }],
  attempts_used_up: [{ taskId, attempts: 3 }],
  kind_paused: [{ kind: 'docs', seq: 3 }],
  kind_full: [{ kind: 'docs', limit: 2 }],
  already_claimed: [
    { taskId, claim },
    { taskId, claim, needs: 'b' },
  ],
  not_claimed: [{ taskId }],
  not_holder: [
    { taskId, claim, credentials: { worker: 'bob', token: undefined } },
    { taskId, claim, credentials: { worker: 'ann', token: 3 } },
  ],
  lease_lost: [
    { taskId, holder: undefined, credentials: { worker: 'bob', token: 3 }, expired: false },
    {
      taskId,
      holder: { worker: 'ann', token: 4, leaseUntil: time },
      credentials: { worker: 'ann', token: 3 },
      expired: true,
    },
  ],
  needs_cycle: [{ path: ['a', 'b', 'a'] }],
  seq_conflict: [
    { expectedSeq: 3, seq: 5 },
    { expectedSeq: 5, seq: 3 },
  ],
  request_reused: [{ requestId: 'r-1', seq: 4 }],
}

const path = "/srv/it's/.claimlog/events.jsonl"
const dir = "/srv/it's/.claimlog"
const url = 'postgres://ann@db.example/queue'
const line = { path, line: 3, offset: 200, detail: 'it is not JSON' }
const io = { path, operation: 'write', detail: 'no' }
const lock = { path, waitedMs: 10_000, holderPid: 7, holders: [{ pid: 7, command: 'node', readsOnly: undefined }] }

const failures: {
  readonly [F in Failure['failure']]: ReadonlyArray<Omit<Extract<Failure, { failure: F }>, 'failure'>>
} = {
  SeqConflict: [{ expectedSeq: 3, actualSeq: 5 }],
  LockTimeout: [
    { ...lock, changedHands: true },
    { ...lock, changedHands: false },
  ],
  LogDamaged: [
    line,
    ...(['conflict_markers', 'merged_histories', 'pointer', 'line_endings', 'emptied'] as const).map(cause => ({
      ...line,
      cause,
    })),
  ],
  HistoryChanged: [line, { ...line, path: url, offset: undefined }],
  Closed: [{}],
  UnknownFormat: [line],
  NoLog: [{ path }, { path, wasOpen: true }],
  NoWorkspace: [
    { from: dir, main: undefined },
    { from: dir, main: { _tag: 'found', root: "/srv/it's" } },
    { from: dir, main: { _tag: 'unknown', gitDir: '/srv/.git' } },
  ],
  NotAWorkspace: (['no_log', 'emptied', 'not_fetched', 'no_directory', 'dangling_link', 'link_cycle'] as const).map(
    cause => ({ path: dir, cause, uid: 1000, mode: 0o700 }),
  ),
  AccessDenied: [{ path, closed: { path: dir, uid: 1000, mode: 0o700 } }],
  NoWorkingDirectory: [{}, { path: 'queue' }],
  ConfigUnusable: [{ path: `${dir}/config.json`, detail: 'it is not a JSON object' }],
  TwoLogs: [{ path, configPath: `${dir}/config.json`, url }],
  LogOnServer: [{ url }],
  LogUrlUnusable: [{ detail: 'a port is not a number from 1 to 65535' }],
  IoFailed: [
    ...`ENOSPC EDQUOT EMFILE ENFILE ENOMEM EFBIG EACCES EPERM EROFS MODULE_NOT_FOUND ERR_DLOPEN_FAILED ELOOP EINVAL EISDIR EIO`
      .split(' ')
      .map(code => ({ ...io, code })),
    { ...io, operation: 'open', code: 'EACCES' },
    { ...io, code: 'ELOOP', linkTarget: '../.git/annex/objects/x' },
    { ...io, code: 'ELOOP', linkTarget: '../.dvc/cache/x' },
    { ...io, code: 'ELOOP', linkTarget: '/elsewhere' },
  ],
  OutcomeUnknown: [io, { ...io, path: url, isUsable: true }],
  Unreachable: [{ path: url, code: 'ECONNREFUSED', detail: 'connection refused', waitedMs: 10_000 }],
  Moved: [
    { path: url, target: undefined },
    { path, target: url },
  ],
  TooLarge: [{ bytes: 2_000_000, maxBytes: 1_048_576 }],
  NetworkFileSystem: [{ path: dir, fileSystem: 'NFS' }],
  WaitTimeout: [
    { waitedMs: 50, still: noReadyTask({}) },
    { waitedMs: 50, still: { error: 'task_held', taskId, hold: { seq: 3, time } } },
    { waitedMs: 50, still: { open: 2, taskIds: [] } },
    { waitedMs: 50, still: { open: 1, taskIds: [taskId] } },
  ],
  WorkerFailed: [{ ...io, code: 'EMFILE', hint: 'raise the limit of open files (ulimit -n)' }],
  WrongUsage: [
    {
      ...{ method: 'claim', argument: 'kind', problem: 'unknown', nearest: 'kinds' },
      signature: 'queue.claim({ worker, kinds? })',
    },
  ],
  Aborted: [{ reason: 'enough' }],
}

const examples: ReadonlyArray<Refusal | Failure> = [
  ...Object.entries(refusals).flatMap(([error, list]) => list.map(fields => ({ error, ...fields }) as Refusal)),
  ...Object.entries(failures).flatMap(([failure, list]) => list.map(fields => ({ failure, ...fields }) as Failure)),
]

/** The commands that do what no method does. */
const commandsWithoutMethod = ['doctor', 'repair']

const findNames = (pattern: RegExp, text: string): ReadonlyArray<string> =>
  [...text.matchAll(pattern)].map(([, name = '']) => name)

const openQueue = async (): Promise<library.Queue> => {
  const scratch = mkdtempSync(join(tmpdir(), 'claimlog-hints-'))
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }))
  const queue = await library.init({ dir: scratch })
  onTestFinished(queue.close)
  return queue
}

const hints = examples.map(failure => new library.ClaimlogError(failure).hint)

describe('the hint of a ClaimlogError', () => {
  it('has no flag of the command line', () => {
    expect(hints.filter(hint => /(^|\s)--\w/.test(hint))).toEqual([])
  })

  it('names only methods that a queue has, and functions that the library exports', async () => {
    const methods = Object.keys(await openQueue())
    const named = hints.flatMap(hint => findNames(/\bqueue\.(\w+)/g, hint)).filter(name => name !== 'json')
    expect(named.filter(name => !methods.includes(name))).toEqual([])
    expect(new Set(named).size).toBeGreaterThan(7)
    const functions = hints.flatMap(hint => findNames(/(?<![.\w])(\w+)\(/g, hint))
    expect(functions.filter(name => !Object.keys(library).includes(name))).toEqual([])
  })

  it('names a command only if no method does the same', () => {
    const commands = hints.flatMap(hint => findNames(/\bclaimlog ([a-z]+)/g, hint))
    expect(commands.filter(name => !commandsWithoutMethod.includes(name))).toEqual([])
  })

  it('quotes names as JavaScript', () => {
    const { hint } = new library.ClaimlogError({ error: 'task_held', taskId, hold: { seq: 3, time } })
    expect(hint).toBe(String.raw`queue.unhold("it's \"a\"") makes it claimable again`)
  })
})
