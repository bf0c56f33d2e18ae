import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { answer, claimlogPath, type Finished, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { itWherePossible, programMissing } from '../support/machine/it-where-possible.ts'
import { type CallSite, callSites, faultAt, recorded, straceMissing, traced } from '../support/machine/strace.ts'
import { copyOf, faultsInLog, sideBySide, standing, timeless } from './undisturbed.ts'

const claim = ['claim', 'ann', 'docs', '--lease', '1h', '--request-id', 'one']
const torn = '{"seq":4,"event":"claimed","worker":"bob","ta'

const twoTasks = async (): Promise<CliWorkspace> => {
  const prepared = await newWorkspace()
  await prepared.done(['add', 'docs', 'first'])
  await prepared.done(['add', 'docs', 'second'])
  return prepared
}

/** A workspace with two tasks and a torn tail in its log. */
const tornWorkspace = async (): Promise<CliWorkspace> => {
  const prepared = await twoTasks()
  appendFileSync(join(prepared.dir, 'events.jsonl'), torn)
  return prepared
}

/** The first call with this name on this file. */
const first = (name: string, path: string): CallSite => ({ name, ordinal: 1, paths: [path] })

const eventsOf = (workspace: CliWorkspace): ReadonlyArray<string> => workspace.events().map(({ event }) => event)

/** Sends the claim again without a fault: it succeeds, and the log has one claim. */
const expectToGoOn = async (workspace: CliWorkspace): Promise<void> => {
  expect(await workspace.done(claim)).toMatchObject({ ok: true, task: { id: 'first' }, seq: 4 })
  expect(eventsOf(workspace)).toEqual(['opened', 'added', 'added', 'claimed'])
  expect(faultsInLog(workspace)).toEqual([])
}

/** The error of a command that failed at an operation on a file and changed nothing. */
const ioFailed = (path: string, operation: string, code: string): object => ({
  error: 'io_failed',
  path,
  operation,
  code,
})

describe('a system call on the log that fails', () => {
  const test = itWherePossible(straceMissing)

  test('during the write of the event is a failure, and the log does not change', async () => {
    const prepared = await twoTasks()
    const before = prepared.text('events.jsonl')
    await sideBySide(['EIO', 'ENOSPC'], async code => {
      const workspace = copyOf(prepared, code)
      const failed = await traced(workspace, faultAt(workspace, first('write', 'events.jsonl'), `error=${code}`), claim)
      expect({ status: failed.status, ...answer(failed) }).toMatchObject({
        status: 1,
        ok: false,
        ...ioFailed(join(workspace.dir, 'events.jsonl'), 'write', code),
      })
      expect(failed.stderr).toBe('')
      expect(workspace.text('events.jsonl')).toBe(before)
      await expectToGoOn(workspace)
    })
  })

  test('during the sync of the log makes the outcome unknown, and the same request again returns it', async () => {
    const prepared = await twoTasks()
    await sideBySide(['EIO', 'ENOSPC'], async code => {
      const workspace = copyOf(prepared, code)
      const fault = faultAt(workspace, first('fdatasync', 'events.jsonl'), `error=${code}`)
      const failed = await traced(workspace, fault, claim)
      expect({ status: failed.status, ...answer(failed) }).toMatchObject({
        status: 1,
        ok: false,
        error: 'outcome_unknown',
        path: join(workspace.dir, 'events.jsonl'),
        operation: 'fdatasync',
      })
      expect(failed.stderr).toBe('')
      expect(faultsInLog(workspace)).toEqual([])
      await expectToGoOn(workspace)
    })
  })

  test('because a signal interrupted it is retried', async () => {
    const prepared = await twoTasks()
    await sideBySide(['write', 'fdatasync'], async name => {
      const workspace = copyOf(prepared, name)
      const claimed = await traced(workspace, faultAt(workspace, first(name, 'events.jsonl'), 'error=EINTR'), claim)
      expect(claimed).toMatchObject({ status: 0, stderr: '' })
      await expectToGoOn(workspace)
    })
  })

  test('while the log is opened, read or locked is a failure, and the log does not change', async () => {
    const prepared = await twoTasks()
    const before = prepared.text('events.jsonl')
    const calls = [
      // A short log is first opened to check that it is not empty.
      [{ ...first('openat', 'events.jsonl'), ordinal: 2 }, 'EIO', 'open'],
      [first('pread64', 'events.jsonl'), 'EIO', 'read'],
      [first('flock', 'events.jsonl'), 'ENOLCK', 'lock'],
    ] as const
    await sideBySide(calls, async ([site, code, operation]) => {
      const workspace = copyOf(prepared, operation)
      const failed = await traced(workspace, faultAt(workspace, site, `error=${code}`), claim)
      expect({ status: failed.status, stderr: failed.stderr, ...answer(failed) }).toMatchObject({
        status: 1,
        stderr: '',
        ...ioFailed(join(workspace.dir, 'events.jsonl'), operation, code),
      })
      expect(workspace.text('events.jsonl')).toBe(before)
      await expectToGoOn(workspace)
    })
  })

  test('while a torn tail is moved leaves that tail in the log', async () => {
    const prepared = await tornWorkspace()
    const before = prepared.text('events.jsonl')
    const sites: ReadonlyArray<readonly [CallSite, string]> = [
      [first('openat', 'events.torn'), 'ENOSPC'],
      [first('write', 'events.torn'), 'ENOSPC'],
      [{ ...first('write', 'events.torn'), ordinal: 2 }, 'EIO'],
      [first('fdatasync', 'events.torn'), 'EIO'],
      [first('ftruncate', 'events.jsonl'), 'EIO'],
    ]
    await sideBySide(sites, async ([site, code], i) => {
      const workspace = copyOf(prepared, `site-${i}`)
      const failed = await traced(workspace, faultAt(workspace, site, `error=${code}`), claim)
      expect({ site, status: failed.status, stderr: failed.stderr, ...answer(failed) }).toMatchObject({
        site,
        status: 1,
        stderr: '',
        ...ioFailed(join(workspace.dir, 'events.jsonl'), 'move the torn tail of', code),
      })
      expect(workspace.text('events.jsonl')).toBe(before)
      await expectToGoOn(workspace)
      expect(readFileSync(join(workspace.dir, 'events.torn'), 'utf8')).toContain(torn)
    })
  })
})

describe('a system call on a derived file that fails', () => {
  itWherePossible(straceMissing)('never undoes the command, and is reported on stderr', async () => {
    const prepared = await twoTasks()
    const undisturbed = copyOf(prepared, 'undisturbed')
    const { finished, calls } = await recorded(undisturbed, claim)
    // Node aborts if it cannot close a file that it has read to its end.
    const derived = callSites(undisturbed, calls, /^(queue\.json$|derived)/).onFiles.filter(
      ({ name }) => name !== 'close',
    )
    expect(derived.map(({ name }) => name)).toEqual(expect.arrayContaining(['openat', 'write', 'rename', 'flock']))
    await sideBySide(derived, async (site, i) => {
      const workspace = copyOf(prepared, `site-${i}`)
      const code = site.name === 'write' || site.name === 'openat' ? 'ENOSPC' : 'EIO'
      const claimed = await traced(workspace, faultAt(workspace, site, `error=${code}`), claim)
      expect({ site, status: claimed.status, answer: timeless(claimed.stdout) }).toEqual({
        site,
        status: 0,
        answer: timeless(finished.stdout),
      })
      const notice =
        /^claimlog: \S*queue\.json could not be brought up to date: .+\n {2}The command itself succeeded\. .+\n$/
      // A lock that cannot be released does not affect the file that was written under it.
      const isFresh = workspace.text('queue.json').includes('"token"')
      const isSaid = notice.test(claimed.stderr) || (claimed.stderr === '' && isFresh)
      expect({ site, isSaid, stderr: claimed.stderr }).toEqual({ site, isSaid: true, stderr: claimed.stderr })
      await expectToGoOn(workspace)
      expect((await workspace.run(['list'])).status).toBe(0)
      expect(standing(workspace)).toEqual(standing(undisturbed))
    })
  })
})

describe('a result that cannot be printed', () => {
  const toFullDisk = (workspace: CliWorkspace, words: ReadonlyArray<string>): Promise<Finished> =>
    run('sh', ['-c', 'exec "$@" >/dev/full', 'sh', process.execPath, claimlogPath, ...words], { cwd: workspace.cwd })

  itWherePossible(programMissing('sh', '-c', ': >/dev/null; test -w /dev/full'))(
    'is not a success, and sending the completed command again returns its result',
    async () => {
      const workspace = await twoTasks()
      expect((await toFullDisk(workspace, claim)).status).toBe(1)
      await expectToGoOn(workspace)
      expect((await toFullDisk(workspace, ['list'])).status).toBe(1)
    },
  )
})

describe('a disk that accepts only a part of an event', () => {
  /** Limits the size of files to `bytes`: a write beyond that is cut off there. */
  const within = (bytes: number, { cwd }: CliWorkspace): Promise<Finished> =>
    run('prlimit', [`--fsize=${bytes}`, process.execPath, claimlogPath, ...claim], { cwd })

  const test = itWherePossible(programMissing('prlimit', '--fsize=1000000', 'true'))

  test('gets that part removed again, so that the log does not change', async () => {
    const prepared = await twoTasks()
    const before = prepared.text('events.jsonl')
    await sideBySide([0, 1, 100, 150], async part => {
      const workspace = copyOf(prepared, `part-${part}`)
      const failed = await within(before.length + part, workspace)
      expect({ part, status: failed.status, stderr: failed.stderr, ...answer(failed) }).toMatchObject({
        part,
        status: 1,
        stderr: '',
        ...ioFailed(join(workspace.dir, 'events.jsonl'), 'write', 'EFBIG'),
      })
      expect(workspace.text('events.jsonl')).toBe(before)
      await expectToGoOn(workspace)
    })
  })

  itWherePossible(straceMissing ?? programMissing('prlimit', '--fsize=1000000', 'true'))(
    'and then fails to truncate the log leaves a part that no reader uses and that the next writer moves',
    async () => {
      const workspace = await twoTasks()
      const before = workspace.text('events.jsonl')
      const fault = faultAt(workspace, first('ftruncate', 'events.jsonl'), 'error=EIO')
      const command = ['strace', ...fault, process.execPath, claimlogPath, ...claim]
      const limit = `--fsize=${before.length + 100}`
      const failed = await run('prlimit', [limit, ...command], { cwd: workspace.cwd })
      expect({ status: failed.status, ...answer(failed) }).toMatchObject({
        status: 1,
        error: 'io_failed',
        code: 'EFBIG',
      })
      const left = workspace.text('events.jsonl')
      expect(left.length).toBe(before.length + 100)
      const { stdout } = await workspace.run(['list'])
      expect(stdout).not.toContain('ann')
      await expectToGoOn(workspace)
      expect(readFileSync(join(workspace.dir, 'events.torn'), 'utf8')).toBe(`${left.slice(before.length)}\n`)
    },
  )
})
