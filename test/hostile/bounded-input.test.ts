/** Input has a size limit for every source: a device, a pipe, a growing file, an endless line. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseOutput, claimlogPath, type ProcessResult, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { startWaiting } from '../support/waiting-command.ts'

/** Runs `claimlog` in a shell; returns its result and its peak memory in MiB. */
const measure = async (
  { cwd }: CliWorkspace,
  command: string,
  input = '',
): Promise<ProcessResult & { readonly peakMib: number }> => {
  const script = `import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status if status >= 0 else 99)`
  const args = [
    '-c',
    script,
    '/bin/bash',
    '-c',
    `claimlog() { "${process.execPath}" "${claimlogPath}" "$@"; }; ${command}`,
  ]
  const result = await run('python3', args, { cwd, input })
  return { ...result, peakMib: Number(/peak (\d+)/.exec(result.stderr)?.[1] ?? Infinity) / 1024 }
}

const newWorkspaceWithClaim = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 't1'])
  await workspace.runOk(['claim', 'ann', 'docs'])
  return workspace
}

const isLinux = process.platform === 'linux'

describe.runIf(isLinux)('endless input', () => {
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
  ])('is refused at its limit, with the log unchanged: %s', async (_what, command, message, memoryMibMax) => {
    const workspace = await newWorkspaceWithClaim()
    const before = workspace.readText('events.jsonl')
    const result = await measure(workspace, command)
    expect(result.status).toBe(2)
    expect(parseOutput(result)).toMatchObject({
      error: 'bad_input',
      message: expect.stringContaining(message) as string,
    })
    expect(result.peakMib).toBeLessThan(memoryMibMax)
    expect(workspace.readText('events.jsonl')).toBe(before)
  })

  it('is refused as a key', async () => {
    const result = await measure(await newWorkspaceWithClaim(), 'claimlog export csv --redact-key /dev/zero')
    expect(result).toMatchObject({ status: 2, stdout: '' })
    expect(result.stderr).toContain('/dev/zero is larger than 1 MiB')
    expect(result.peakMib).toBeLessThan(250)
  })

  it('is refused in a configuration file of a coding agent', async () => {
    const workspace = await newWorkspace()
    truncateSync(join(workspace.cwd, workspace.writeFile('.mcp.json', '')), 5e9)
    const result = await measure(workspace, 'claimlog setup claude-code --json')
    expect(result.status).toBe(2)
    expect(parseOutput(result).message).toContain('.mcp.json cannot be edited: it is larger than 8 MiB')
    expect(result.peakMib).toBeLessThan(250)
  })
})

describe('a single line of 100 MB', () => {
  const line = `{"kind":"docs","title":"${'x'.repeat(1e8)}"}\n`

  it('is refused as soon as more was read than the maximum size of a task', async () => {
    const result = await measure(await newWorkspace(), 'claimlog add -', line)
    expect(result.status).toBe(2)
    expect(parseOutput(result).message).toBe('a line of stdin is longer than 16 MiB')
    expect(result.peakMib).toBeLessThan(250)
  })
})

describe('a file with a huge number of tiny values', () => {
  it.each([
    ['40 million lists', `[${'[],'.repeat(40_000_000)}[]]`, 'has more than 10,000,000 values'],
    ['40 million numbers', `{"tasks":[${'1,'.repeat(40_000_000)}1]}`, 'has more than 10,000,000 values'],
  ])('is refused before it is parsed: %s', async (_what, text, message) => {
    const workspace = await newWorkspace()
    const result = await measure(workspace, `claimlog import ${workspace.writeFile('tasks.json', text)}`)
    expect(result.status).toBe(2)
    expect(parseOutput(result).message).toContain(message)
    expect(result.peakMib).toBeLessThan(700)
  })

  it('is read in linear time if it has 3 million blank lines', async () => {
    const workspace = await newWorkspace()
    const name = workspace.writeFile('blank.md', `${'\n'.repeat(3_000_000)}no item`)
    const { status } = await measure(workspace, `ulimit -t 20; claimlog import ${name}`)
    expect(status).toBe(2)
  })
})

describe.runIf(isLinux)('input that is not a regular file', () => {
  it('is read until its writer closes it if it is a named pipe', async () => {
    const workspace = await newWorkspaceWithClaim()
    execFileSync('mkfifo', [join(workspace.cwd, 'pipe')])
    const result = await measure(
      workspace,
      `(sleep 0.5; printf '{"a":'; sleep 0.2; printf '1}') > pipe & claimlog complete ann t1 --result @pipe`,
    )
    expect(parseOutput(result)).toMatchObject({ ok: true, task: { result: { a: 1 } } })
  })

  it('is read if it is a process substitution', async () => {
    const result = await measure(await newWorkspaceWithClaim(), `claimlog complete ann t1 --result @<(echo '[1]')`)
    expect(parseOutput(result)).toMatchObject({ ok: true, task: { result: [1] } })
  })

  it('makes the command wait until Ctrl-C if it is a named pipe without a writer', async () => {
    const workspace = await newWorkspaceWithClaim()
    execFileSync('mkfifo', [join(workspace.cwd, 'pipe')])
    const waiting = startWaiting(workspace.cwd, ['complete', 'ann', 't1', '--result', '@pipe'])
    await waiting.waitUntilAsleep()
    waiting.kill('SIGINT')
    expect(await waiting.result).toMatchObject({ status: 130, stdout: '' })
  })

  it.each([
    ['a directory', 'claimlog import sub', 'sub is a directory, not a file'],
    ['a directory as stdin', 'claimlog add - <sub', 'stdin is a directory, not a file'],
    ['a directory as a result', 'claimlog complete ann t1 --result @sub', 'sub is a directory, not a file'],
    ['a socket', 'claimlog import socket', 'socket is a socket or a device that cannot be read, not a file'],
    ['a missing file', 'claimlog import none', 'could not read none: ENOENT'],
  ])('is refused with a clear message: %s', async (_what, command, message) => {
    const workspace = await newWorkspaceWithClaim()
    mkdirSync(join(workspace.cwd, 'sub'))
    const server = createServer().listen(join(workspace.cwd, 'socket'))
    onTestFinished(() => void server.close())
    await new Promise(resolve => server.once('listening', resolve))
    const result = await measure(workspace, command)
    expect(result.status).toBe(2)
    expect(parseOutput(result).message).toContain(message)
  })

  it('is read to its end if it is a file under /proc, whose size is 0', async () => {
    const workspace = await newWorkspaceWithClaim()
    writeFileSync(join(workspace.cwd, 'note'), 'x')
    const result = await measure(workspace, 'claimlog add docs t2 --payload @/proc/sys/kernel/pid_max')
    expect(parseOutput(result)).toMatchObject({ ok: true, task: { payload: expect.any(Number) as number } })
  })
})
