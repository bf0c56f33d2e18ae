import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { parseOutputLines } from '../support/worker-command.ts'

const workspaceWithTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', '-'], ndjson(...ids.map(id => ({ kind: 'docs', task_id: id, max_attempts: 1 }))))
  return workspace
}

const listClaimEvents = ({ readEvents }: CliWorkspace): ReadonlyArray<string> =>
  readEvents()
    .map(({ event }) => event)
    .filter(event => event !== 'opened' && event !== 'added')

describe('the output of a command', () => {
  test('passes through byte by byte, and stdout has nothing of the worker', async () => {
    const workspace = await workspaceWithTasks('a', 'b')
    const script = String.raw`printf '\000\033[1m\377\r%s' "$1"; printf 'err %s' "$1" >&2`
    const words = ['work', 'ann', '--until-empty', '--', 'sh', '-c', script, 'sh', '{id}']
    const child = spawn(process.execPath, [claimlogPath, ...words], {
      cwd: workspace.cwd,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr]: [Array<Buffer>, Array<Buffer>] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    expect(await once(child, 'close')).toEqual([0, null])
    const printed = (id: string): Buffer => Buffer.from(`\0\u001b[1m\u00ff\r${id}`, 'latin1')
    expect(Buffer.concat(stdout)).toEqual(Buffer.concat([printed('a'), printed('b')]))
    expect(Buffer.concat(stderr).toString()).toMatch(/claimed {4}a\nerr a.*completed {2}a/)
  })

  test('has whole lines if several commands run at once, even if the last line has no newline', async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `t${i}`)
    const workspace = await workspaceWithTasks(...ids)
    const script = 'for i in 1 2 3 4 5; do printf "%s-"; sleep 0.02; echo "$1"; done; printf "last-%s" "$1"'
    const words = ['work', 'ann', '-j', '4', '--until-empty', '--', 'sh', '-c', script, 'sh', '{id}']
    const { status, stdout } = await workspace.run(words)
    expect(status).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.sort()).toEqual(ids.flatMap(id => [...Array<string>(5).fill(`-${id}`), `last-${id}`]).sort())
  })

  test('goes to stderr with --json, and stdout has the events only', async () => {
    const workspace = await workspaceWithTasks('a')
    const words = ['work', 'ann', '--once', '--json', '--', 'sh', '-c', 'echo out; echo err >&2']
    const workerRun = await workspace.run(words)
    expect(parseOutputLines(workerRun).map(({ event }) => event)).toEqual(['claimed', 'completed'])
    expect(workerRun.stderr.split('\n').sort()).toEqual(['', 'err', 'out'])
  })
})

/** A worker whose commands print forever, piped to `head`. */
const pipeToHead = async (workspace: CliWorkspace, redirection: string, words = ''): Promise<string> => {
  const worker = `"$0" "$1" work ann ${words} -- sh -c 'while :; do echo line; echo line >&2; sleep 0.05; done'`
  const child = spawn(
    'sh',
    ['-c', `{ ${worker} ${redirection}; echo $? > status; } | head -n 1`, process.execPath, claimlogPath],
    {
      cwd: workspace.cwd,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    },
  )
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      return
    }
  })
  await once(child, 'close')
  return (await workspace.run(['status'])).stdout
}

describe('a worker whose output has no reader any more stops its commands, releases their tasks and ends with 141', () => {
  test.each([
    ['its stdout', '', ''],
    ['both of its outputs', '2>&1', '-j 2'],
    ['its stderr', '2>&1 >/dev/null', ''],
  ])('%s', async (_, redirection, words) => {
    const workspace = await workspaceWithTasks('a', 'b', 'c')
    await pipeToHead(workspace, redirection, words)
    const slots = words === '' ? 1 : 2
    const expected = [...Array<string>(slots).fill('claimed'), ...Array<string>(slots).fill('released')]
    expect([...listClaimEvents(workspace)].sort()).toEqual(expected)
    const { stdout } = await workspace.run(['list', '--json'])
    expect(stdout).not.toContain('"claim"')
    const status = await import('node:fs').then(fs => fs.readFileSync(`${workspace.cwd}/status`, 'utf8'))
    expect(status).toBe('141\n')
  })
})

test.runIf(process.platform === 'linux').each([[[]], [['--json']]])(
  'a worker whose stdout cannot be written releases its task, reports why, and ends with exit code 1: %j',
  async words => {
    const workspace = await workspaceWithTasks('a', 'b')
    const command = ['--', 'sh', '-c', 'echo line; exec sleep 600']
    const child = spawn(process.execPath, [claimlogPath, 'work', 'ann', ...words, ...command], {
      cwd: workspace.cwd,
      env: cleanEnvironment(),
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(stderr).toContain('stdout could not be written: ENOSPC')
    expect(listClaimEvents(workspace)).toEqual(['claimed', 'released'])
  },
)

describe('the exit code of a worker', () => {
  test('is 9 if a task that it ran has failed for good, even if others are done', async () => {
    const workspace = await workspaceWithTasks('a', 'b')
    const words = ['work', 'ann', '--until-empty', '--', 'sh', '-c', '[ "$0" = b ]', '{id}']
    expect((await workspace.run(words)).status).toBe(9)
    expect(listClaimEvents(workspace)).toEqual(['claimed', 'failed', 'claimed', 'completed'])
  })

  test('is 0 if an attempt has failed and a later one has not', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'a', '--backoff', '10ms'])
    const words = ['work', 'ann', '--until-empty', '--', 'sh', '-c', '[ "$CLAIMLOG_ATTEMPT" = 2 ]']
    expect((await workspace.run(words)).status).toBe(0)
  })

  test('is 9 rather than 10: a failed task outranks a cancelled one', async () => {
    const workspace = await workspaceWithTasks('a', 'b')
    const script = '[ "$0" = b ] && exit 1; "$1" "$2" cancel "$0" >&2; exec sleep 600'
    const command = ['sh', '-c', script, '{id}', process.execPath, claimlogPath]
    expect((await workspace.run(['work', 'ann', '--max-tasks', '1', '--', ...command])).status).toBe(10)
    await workspace.runOk(['retry', 'a'])
    expect((await workspace.run(['work', 'ann', '--until-empty', '--', ...command])).status).toBe(9)
  })
})
