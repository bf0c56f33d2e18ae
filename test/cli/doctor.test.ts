import {
  appendFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseOutput, claimlogPath, run, temporaryDirectory } from '../support/claimlog-process.ts'
import type { CliWorkspace } from '../support/cli-workspace.ts'
import {
  anyFileSystem,
  runDoctorChecks,
  findLogPath,
  readMode,
  logCheckNames,
  ownUid,
  runDoctor,
  skippedCheck,
  skippedChecks,
  healthyChecks,
  newWorkspaceWithClaim,
} from '../support/doctor-checks.ts'
import { chainHash } from '../support/log/log-chain.ts'

/** Appends an event with a valid hash, as another program could. */
const appendForged = (workspace: CliWorkspace, event: object): void => {
  const { seq, hash } = workspace.readEvents().at(-1) as unknown as { seq: number; hash: string }
  const open = JSON.stringify({ seq: seq + 1, ...event })
  appendFileSync(findLogPath(workspace), `${open.slice(0, -1)},"hash":"${chainHash(hash, open)}"}\n`)
}

const lastTime = (workspace: CliWorkspace): string => workspace.readEvents().at(-1)?.time ?? ''

describe('doctor', () => {
  test('finds nothing in a sound workspace, for programs and for people', async () => {
    const workspace = await newWorkspaceWithClaim()
    const doctorResult = await runDoctorChecks(workspace)
    expect(doctorResult).toEqual({ status: 0, ok: true, checks: healthyChecks(workspace) })
    const expectedLines = Object.entries(doctorResult.checks).map(([name, { state, message, mend }]) => {
      // On some machines temporary files are in memory, which causes a warning.
      const mark = state === 'ok' ? '✓' : '!'
      const more = mend === undefined ? '' : `${' '.repeat(16)}→ ${mend as string}\n`
      return `${mark}  ${name.padEnd(11)}  ${message as string}\n${more}`
    })
    const inMemory = doctorResult.checks['file_system']?.['state'] !== 'ok'
    const { status, stdout, stderr } = await runDoctor(workspace)
    const sizes = (text: string): string => text.replace(/[\d.]+ \w+ and \d+ inodes/, 'ROOM')
    expect([status, sizes(stdout), stderr]).toEqual([
      0,
      sizes(`${expectedLines.join('')}\n13 checks: ${inMemory ? '1 warning' : 'all ok'}\n`),
      '',
    ])
  })

  test('reports a missing workspace like every other command', async () => {
    const cwd = temporaryDirectory()
    const { status, ...printed } = await run(process.execPath, [claimlogPath, 'doctor', '--json'], { cwd })
    expect([status, parseOutput({ status, ...printed })['error']]).toEqual([2, 'no_workspace'])
    const named = await run(process.execPath, [claimlogPath, 'doctor', '--dir', 'nowhere'], { cwd })
    expect(named).toEqual({
      status: 2,
      stdout: '',
      stderr:
        `claimlog: there is no ${join(cwd, 'nowhere', 'events.jsonl')} (no_workspace)\n` +
        `  claimlog init ${join(cwd, 'nowhere')} creates a workspace there; without --dir and CLAIMLOG_DIR the nearest ` +
        "one is used, in a linked git worktree the main checkout's\n",
    })
  })
})

test('doctor finds that --dir is not a directory', async () => {
  const workspace = await newWorkspaceWithClaim()
  const named = await runDoctorChecks(workspace, { args: ['--dir', findLogPath(workspace)] })
  const { directory, runtime, ...others } = named.checks
  expect([named.status, directory, runtime]).toEqual([
    1,
    {
      state: 'wrong',
      message: '.claimlog/events.jsonl is not a directory',
      mend: 'select the directory that contains events.jsonl with --dir or CLAIMLOG_DIR',
      ...{ uid: ownUid, mode: readMode(findLogPath(workspace)) },
    },
    healthyChecks(workspace)['runtime'],
  ])
  const reason = 'the directory cannot be used'
  expect(others).toEqual({
    file_system: anyFileSystem,
    ...skippedChecks(reason, 'log', 'git', 'lock', ...logCheckNames, 'checkpoint'),
  })
})

describe('about the log, doctor finds', () => {
  test('a damaged line, its position, and the advice to make a copy first', async () => {
    const workspace = await newWorkspaceWithClaim()
    const lines = workspace.readText('events.jsonl').split('\n')
    writeFileSync(findLogPath(workspace), workspace.readText('events.jsonl').replace('"inspect"', '"Inspect"'))
    const offset = (lines[0] as string).length + 1
    const detail = 'its hash does not match: this line was changed, or the one before it'
    expect(await runDoctorChecks(workspace)).toEqual({
      status: 7,
      ok: false,
      checks: {
        ...healthyChecks(workspace),
        ...skippedChecks('the log could not be read to its end', 'torn_tail', 'clock', 'projection', 'copies'),
        chain: {
          state: 'wrong',
          message: `line 2, at byte ${offset}, is damaged: ${detail}`,
          mend: 'make a copy of events.jsonl first; claimlog repair previews a repair, and a backup shows the original line',
          ...{ error: 'log_damaged', line: 2, offset },
        },
        meaning: skippedCheck('the log could not be read to its end; the events before that are valid'),
      },
    })
  })

  test('an event of a newer version', async () => {
    const workspace = await newWorkspaceWithClaim()
    const expected = healthyChecks(workspace)
    const offset = lstatSync(findLogPath(workspace)).size
    appendForged(workspace, { event: 'beamed', time: lastTime(workspace) })
    expect(await runDoctorChecks(workspace)).toEqual({
      status: 7,
      ok: false,
      checks: {
        ...expected,
        ...skippedChecks('the log could not be read to its end', 'torn_tail', 'clock', 'projection', 'copies'),
        chain: {
          state: 'wrong',
          message: `line 5, at byte ${offset}: the event "beamed" is not known to this version`,
          mend: 'a newer claimlog wrote this; install that version',
          ...{ error: 'unknown_format', line: 5, offset },
        },
        meaning: skippedCheck('the log could not be read to its end; the events before that are valid'),
      },
    })
  })

  test('a valid line with an impossible event', async () => {
    const workspace = await newWorkspaceWithClaim()
    const offset = lstatSync(findLogPath(workspace)).size
    appendForged(workspace, { event: 'noted', task_id: 'nothing', text: 'T', time: lastTime(workspace) })
    const checks = {
      ...healthyChecks(workspace),
      meaning: {
        state: 'wrong',
        message: `line 5, at byte ${offset}, is intact, but its event is invalid: there is no task nothing`,
        mend: 'it was not written by claimlog: compare it with a backup, and check who may write the log',
        ...{ error: 'log_damaged', line: 5, offset },
      },
      projection: {
        state: 'warning',
        message: 'queue.json is at seq 4, and the log is at seq 5',
        mend: 'claimlog replay updates it',
      },
    }
    expect(await runDoctorChecks(workspace)).toEqual({ status: 7, ok: false, checks })
  })

  test('a torn tail that requires no action, and the files of earlier repairs', async () => {
    const workspace = await newWorkspaceWithClaim()
    const expected = healthyChecks(workspace)
    appendFileSync(findLogPath(workspace), '{"seq":5,"event":"no')
    const torn = {
      state: 'warning',
      message: 'a writer stopped in the middle of a line: the incomplete last line (20 bytes) is not an event',
      mend: 'no action needed: the next writer moves it to events.torn',
      unfinished_bytes: 20,
    }
    expect(await runDoctorChecks(workspace)).toEqual({ status: 0, ok: true, checks: { ...expected, torn_tail: torn } })

    await workspace.runOk(['note', 'inspect', 'a remark'])
    writeFileSync(join(workspace.dir, 'events.quarantine.2'), 'x')
    writeFileSync(join(workspace.dir, 'events.quarantine.1'), 'x')
    const withKeptFiles = {
      state: 'ok',
      message:
        'the log ends with a complete line; events.torn has 21 bytes from earlier torn tails; ' +
        'removed by repairs: events.quarantine.1, events.quarantine.2',
      ...{ unfinished_bytes: 0, torn_bytes: 21, quarantined: ['events.quarantine.1', 'events.quarantine.2'] },
    }
    expect((await runDoctorChecks(workspace)).checks).toEqual({ ...healthyChecks(workspace), torn_tail: withKeptFiles })
  })

  test('that it contains no workspace', async () => {
    const workspace = await newWorkspaceWithClaim()
    const expected = healthyChecks(workspace)
    truncateSync(findLogPath(workspace))
    rmSync(join(workspace.dir, 'queue.json'))
    expect(await runDoctorChecks(workspace)).toEqual({
      status: 1,
      ok: false,
      checks: {
        ...expected,
        chain: { state: 'ok', message: 'the log is empty', seq: 0 },
        meaning: { state: 'wrong', message: 'there is no workspace in this log', mend: 'claimlog init creates one' },
        ...skippedChecks('the log is empty', 'clock', 'projection', 'copies'),
      },
    })
  })

  test('a time in the future', async () => {
    const workspace = await newWorkspaceWithClaim()
    const time = '2999-12-31T23:59:59.999Z'
    appendForged(workspace, { event: 'noted', task_id: 'inspect', text: 'T', time })
    await workspace.runOk(['replay', '--json'])
    const { status, checks } = await runDoctorChecks(workspace)
    const { message, behind_ms: behind } = checks['clock'] as { message: string; behind_ms: number }
    expect(behind).toBeGreaterThan(300 * 365 * 86_400_000)
    expect(message).toMatch(
      /^the system clock is at 2\d{3}-[\dT:.-]+Z, and the last line at 2999-12-31T23:59:59.999Z, which is \d+d( \d+h)? ahead$/,
    )
    const clock = {
      ...{ state: 'warning', message, time, behind_ms: behind },
      mend: 'if this clock is right, no action is needed: a process wrote with a wrong clock; leases, delays and retries still last as long as they should, and new lines repeat the last time until the clock catches up; if this clock is wrong, set it',
    }
    expect([status, checks]).toEqual([0, { ...healthyChecks(workspace), clock }])
  })

  const replacements: ReadonlyArray<
    readonly [what: string, placeFile: (path: string, movedPath: string) => void, message: string]
  > = [
    [
      'a symbolic link',
      (path, movedPath) => symlinkSync(movedPath, path),
      'events.jsonl is a symbolic link, to TARGET',
    ],
    ['a directory', path => mkdirSync(path), 'events.jsonl is a directory'],
    ['a named pipe', path => void spawnSync('sh', ['-c', 'mkfifo "$0"', path]), 'events.jsonl is a named pipe'],
    [
      'nothing, but a queue.json',
      () => undefined,
      'events.jsonl is missing, though other files of a workspace are there',
    ],
  ]
  test.each(replacements)('%s instead of events.jsonl', async (what, placeFile, message) => {
    const workspace = await newWorkspaceWithClaim()
    const expected = healthyChecks(workspace)
    const path = findLogPath(workspace)
    const movedPath = join(workspace.cwd, 'elsewhere.jsonl')
    renameSync(path, movedPath)
    placeFile(path, movedPath)
    // A directory without a log must be named explicitly.
    const { status, ok, checks } = await runDoctorChecks(workspace, { args: ['--dir', '.claimlog'] })
    const hints: Readonly<Record<string, string>> = {
      'a symbolic link':
        'put the file itself here, or select the directory that contains it with --dir or CLAIMLOG_DIR',
      'nothing, but a queue.json': 'restore it from where it was moved to, or from a backup',
    }
    const stats = lstatSync(path, { throwIfNoEntry: false })
    expect({ status, ok, checks }).toEqual({
      status: 1,
      ok: false,
      checks: {
        ...expected,
        log: {
          state: 'wrong',
          message: message.replace('TARGET', movedPath),
          mend: hints[what] ?? 'move it away, and restore the log from a backup',
          ...(stats === undefined ? {} : { uid: ownUid, mode: readMode(path), links: stats.nlink }),
        },
        ...skippedChecks('the log cannot be read', 'lock', ...logCheckNames),
      },
    })
  })

  test('that an fsync has failed, until a writer has repaired it', async () => {
    const workspace = await newWorkspaceWithClaim()
    writeFileSync(join(workspace.dir, 'events.unsynced'), '')
    const log = {
      ...healthyChecks(workspace)['log'],
      state: 'warning',
      message: 'an fsync of the log has failed (as recorded in events.unsynced): a power cut may lose the last writes',
      mend: 'check the disk errors (dmesg); the next writer rewrites the log in place and syncs it again',
    }
    expect(await runDoctorChecks(workspace)).toEqual({
      status: 0,
      ok: true,
      checks: { ...healthyChecks(workspace), log },
    })
    await workspace.runOk(['note', 'inspect', 'a remark'])
    expect((await runDoctorChecks(workspace)).checks).toEqual(healthyChecks(workspace))
  })

  test('a second hard link to the file, which is not a backup', async () => {
    const workspace = await newWorkspaceWithClaim()
    linkSync(findLogPath(workspace), join(workspace.cwd, 'backup.jsonl'))
    const { status, checks } = await runDoctorChecks(workspace)
    expect([status, checks]).toEqual([
      0,
      {
        ...healthyChecks(workspace),
        log: {
          ...healthyChecks(workspace)['log'],
          state: 'warning',
          message: 'events.jsonl has 2 names (hard links): a copy that shares the file changes with it',
          mend: `find / -xdev -samefile ${findLogPath(workspace)} lists them; make backups with cp`,
          links: 2,
        },
      },
    ])
  })
})

describe('about derived files, doctor finds', () => {
  const queueFilePath = ({ dir }: CliWorkspace): string => join(dir, 'queue.json')

  const brokenQueueFiles: ReadonlyArray<
    readonly [what: string, damageFile: (path: string, workspace: CliWorkspace) => void, message: string, mend: string]
  > = [
    ['missing', path => rmSync(path), 'queue.json is missing', 'claimlog replay writes it'],
    ['empty', path => truncateSync(path), 'queue.json is empty, and the log is at seq 4', 'claimlog replay updates it'],
    [
      'edited by hand',
      path => writeFileSync(path, readFileSync(path, 'utf8').replace('"publish"', '"Publish"')),
      'queue.json was edited by hand: line 9 is "\\"id\\": \\"Publish\\",", and should be "\\"id\\": \\"publish\\","',
      'claimlog import queue.json imports its tasks; claimlog replay keeps it as queue.edited.json and writes a new one',
    ],
    [
      'of another log',
      path => writeFileSync(path, readFileSync(path, 'utf8').replace('"seq": 4', '"seq": 9')),
      'queue.json was edited by hand, or comes from a different log: this log never had its seq',
      'claimlog import queue.json imports its tasks; claimlog replay keeps it as queue.edited.json and writes a new one',
    ],
    [
      'a symbolic link',
      (path, { cwd }) => {
        renameSync(path, join(cwd, 'elsewhere.json'))
        symlinkSync(join(cwd, 'elsewhere.json'), path)
      },
      'queue.json is a symbolic link, and claimlog replaces it with a file',
      'move it away, then run claimlog replay; give programs that read it elsewhere a copy',
    ],
  ]
  test.each(brokenQueueFiles)('a queue.json that is %s', async (_what, damageFile, message, mend) => {
    const workspace = await newWorkspaceWithClaim()
    damageFile(queueFilePath(workspace), workspace)
    const projection = { state: 'warning', message, mend }
    expect(await runDoctorChecks(workspace)).toEqual({
      status: 0,
      ok: true,
      checks: { ...healthyChecks(workspace), projection },
    })
  })

  test('a queue.json that is older than the log', async () => {
    const workspace = await newWorkspaceWithClaim()
    const before = workspace.readText('queue.json')
    await workspace.runOk(['note', 'inspect', 'a remark'])
    writeFileSync(queueFilePath(workspace), before)
    const projection = {
      state: 'warning',
      message: 'queue.json is at seq 4, and the log is at seq 5',
      mend: 'claimlog replay updates it',
    }
    expect((await runDoctorChecks(workspace)).checks).toEqual({ ...healthyChecks(workspace), projection })
  })

  test('the folder of agent names, which is expected unless it is a link', async () => {
    const workspace = await newWorkspaceWithClaim()
    await workspace.run(['prime', '--hook', 'claude-code'])
    const folder = join(workspace.dir, 'derived/agents')
    expect(statSync(folder).isDirectory()).toBe(true)
    expect((await runDoctorChecks(workspace)).checks).toEqual(healthyChecks(workspace))
    rmSync(folder, { recursive: true })
    symlinkSync(workspace.cwd, folder)
    expect((await runDoctorChecks(workspace)).checks['checkpoint']).toEqual({
      state: 'warning',
      message: 'derived/agents is a symbolic link, and is not used',
      mend: 'delete it; the next command creates a directory of that name if it needs one',
    })
  })

  test('files of another version in the folder, and a file instead of the folder', async () => {
    const workspace = await newWorkspaceWithClaim()
    const folder = join(workspace.dir, 'derived')
    writeFileSync(join(folder, 'state.bin'), '')
    expect((await runDoctorChecks(workspace)).checks['checkpoint']).toEqual({
      state: 'warning',
      message: 'derived/ has files that this version does not know: state.bin',
      mend: 'a newer claimlog may have created them; they are not needed, and this version does not touch them',
      unknown_files: ['state.bin'],
    })
    rmSync(folder, { recursive: true })
    expect((await runDoctorChecks(workspace)).checks).toEqual(healthyChecks(workspace))
    writeFileSync(folder, '')
    expect((await runDoctorChecks(workspace)).checks).toMatchObject({
      checkpoint: {
        state: 'warning',
        message: 'derived is not a directory, so queue.json cannot be kept up to date',
        mend: 'move it away; the next command creates the directory',
      },
    })
  })
})
