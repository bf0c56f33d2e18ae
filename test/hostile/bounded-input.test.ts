/** Input has a limit, whatever it is read from: a device, a pipe, a file that grows, a line without an end. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, claimlogPath, type Finished, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { startWaiting } from '../support/waiting-command.ts'

/** Starts `claimlog` by a shell, and answers with what it came to and its peak of memory in MiB. */
const measure = async (
  { cwd }: CliWorkspace,
  command: string,
  input = '',
): Promise<Finished & { readonly peakMib: number }> => {
  const script = `import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status if status >= 0 else 99)`
  const words = [
    '-c',
    script,
    '/bin/bash',
    '-c',
    `claimlog() { "${process.execPath}" "${claimlogPath}" "$@"; }; ${command}`,
  ]
  const finished = await run('python3', words, { cwd, input })
  return { ...finished, peakMib: Number(/peak (\d+)/.exec(finished.stderr)?.[1] ?? Infinity) / 1024 }
}

const claimedTask = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 't1'])
  await workspace.done(['claim', 'ann', 'docs'])
  return workspace
}

const isLinux = process.platform === 'linux'

describe.runIf(isLinux)('input without an end', () => {
  it.each([
    ['an import of a device', 'claimlog import /dev/zero', '/dev/zero is larger than 256 MiB', 700],
    ['an import of stdin', 'claimlog import - </dev/zero', 'stdin is larger than 256 MiB', 700],
    ['lines of tasks', 'claimlog add - </dev/zero', 'a line of stdin is longer than 16 MiB', 250],
    ['a payload', 'claimlog add docs t2 --payload @/dev/zero', '/dev/zero is larger than 16 MiB', 250],
    ['a result', 'claimlog complete ann t1 --result @/dev/zero', '/dev/zero is larger than 16 MiB', 250],
    ['a result on stdin', 'claimlog complete ann t1 --result - </dev/zero', 'stdin is larger than 16 MiB', 250],
    ['a result of a process', 'claimlog complete ann t1 --result @<(cat /dev/zero)', 'is larger than 16 MiB', 250],
    ['progress', 'claimlog renew ann t1 --progress @/dev/zero', '/dev/zero is larger than 16 MiB', 250],
    ['an amendment', 'claimlog amend t1 --payload @/dev/zero', '/dev/zero is larger than 16 MiB', 250],
  ])('is refused at its limit, with the log unchanged: %s', async (_what, command, message, mostMib) => {
    const workspace = await claimedTask()
    const before = workspace.text('events.jsonl')
    const finished = await measure(workspace, command)
    expect(finished.status).toBe(2)
    expect(answer(finished)).toMatchObject({ error: 'bad_input', message: expect.stringContaining(message) as string })
    expect(finished.peakMib).toBeLessThan(mostMib)
    expect(workspace.text('events.jsonl')).toBe(before)
  })

  it('is refused as a key', async () => {
    const finished = await measure(await claimedTask(), 'claimlog export csv --redact-key /dev/zero')
    expect(finished).toMatchObject({ status: 2, stdout: '' })
    expect(finished.stderr).toContain('/dev/zero is larger than 1 MiB')
    expect(finished.peakMib).toBeLessThan(250)
  })

  it('is refused in a file of an agent that is to be set up', async () => {
    const workspace = await newWorkspace()
    truncateSync(join(workspace.cwd, workspace.file('.mcp.json', '')), 5e9)
    const finished = await measure(workspace, 'claimlog setup claude-code --json')
    expect(finished.status).toBe(2)
    expect(answer(finished).message).toContain('.mcp.json cannot be edited: it is larger than 8 MiB')
    expect(finished.peakMib).toBeLessThan(250)
  })
})

describe('a single line of 100 MB', () => {
  const line = `{"kind":"docs","title":"${'x'.repeat(1e8)}"}\n`

  it('is refused once more of it was read than a task can have', async () => {
    const finished = await measure(await newWorkspace(), 'claimlog add -', line)
    expect(finished.status).toBe(2)
    expect(answer(finished).message).toBe('a line of stdin is longer than 16 MiB')
    expect(finished.peakMib).toBeLessThan(250)
  })
})

describe('a file of values too small to count', () => {
  it.each([
    ['40 million lists', `[${'[],'.repeat(40_000_000)}[]]`, 'holds more than 10,000,000 values'],
    ['40 million numbers', `{"tasks":[${'1,'.repeat(40_000_000)}1]}`, 'holds more than 10,000,000 values'],
  ])('is refused before it is parsed: %s', async (_what, text, message) => {
    const workspace = await newWorkspace()
    const finished = await measure(workspace, `claimlog import ${workspace.file('tasks.json', text)}`)
    expect(finished.status).toBe(2)
    expect(answer(finished).message).toContain(message)
    expect(finished.peakMib).toBeLessThan(700)
  })

  it('is imported where it is of 3 million blank lines, in time that grows with them', async () => {
    const workspace = await newWorkspace()
    const name = workspace.file('blank.md', `${'\n'.repeat(3_000_000)}no item`)
    const { status } = await measure(workspace, `ulimit -t 20; claimlog import ${name}`)
    expect(status).toBe(2)
  })
})

describe.runIf(isLinux)('what is named and is no file', () => {
  it('a named pipe is read until its writer has closed it', async () => {
    const workspace = await claimedTask()
    execFileSync('mkfifo', [join(workspace.cwd, 'pipe')])
    const finished = await measure(
      workspace,
      `(sleep 0.5; printf '{"a":'; sleep 0.2; printf '1}') > pipe & claimlog complete ann t1 --result @pipe`,
    )
    expect(answer(finished)).toMatchObject({ ok: true, task: { result: { a: 1 } } })
  })

  it('a process is read in its place', async () => {
    const finished = await measure(await claimedTask(), `claimlog complete ann t1 --result @<(echo '[1]')`)
    expect(answer(finished)).toMatchObject({ ok: true, task: { result: [1] } })
  })

  it('a named pipe that nobody writes to is waited for until Ctrl-C', async () => {
    const workspace = await claimedTask()
    execFileSync('mkfifo', [join(workspace.cwd, 'pipe')])
    const waiting = startWaiting(workspace.cwd, ['complete', 'ann', 't1', '--result', '@pipe'])
    await waiting.rests()
    waiting.kill('SIGINT')
    expect(await waiting.finished).toMatchObject({ status: 130, stdout: '' })
  })

  it.each([
    ['a directory', 'claimlog import sub', 'sub is a directory, not a file'],
    ['a directory as stdin', 'claimlog add - <sub', 'stdin is a directory, not a file'],
    ['a directory as a result', 'claimlog complete ann t1 --result @sub', 'sub is a directory, not a file'],
    ['a socket', 'claimlog import socket', 'socket is a socket or a device that cannot be read, not a file'],
    ['nothing', 'claimlog import none', 'could not read none: ENOENT'],
  ])('is said in words: %s', async (_what, command, message) => {
    const workspace = await claimedTask()
    mkdirSync(join(workspace.cwd, 'sub'))
    const server = createServer().listen(join(workspace.cwd, 'socket'))
    onTestFinished(() => void server.close())
    await new Promise(resolve => server.once('listening', resolve))
    const finished = await measure(workspace, command)
    expect(finished.status).toBe(2)
    expect(answer(finished).message).toContain(message)
  })

  it('a file under /proc, which has no size, is read to its end', async () => {
    const workspace = await claimedTask()
    writeFileSync(join(workspace.cwd, 'note'), 'x')
    const finished = await measure(workspace, 'claimlog add docs t2 --payload @/proc/sys/kernel/pid_max')
    expect(answer(finished)).toMatchObject({ ok: true, task: { payload: expect.any(Number) as number } })
  })
})
