import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { claimlogPath } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { slowPoll } from '../support/worker-command.ts'
import { type TerminalCommand, startOnTerminal } from '../support/terminal-screen.ts'

const workspaceWithTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', '-'], ndjson(...ids.map(id => ({ kind: 'docs', task_id: id, max_attempts: 1 }))))
  return workspace
}

const workOnTerminal = ({ cwd }: CliWorkspace, words: ReadonlyArray<string>, script: string): TerminalCommand => {
  const command = [process.execPath, claimlogPath, 'work', 'ann', ...words, '--', 'sh', '-c', script, 'sh', '{id}']
  return startOnTerminal(command, { cwd, columns: 60 })
}

const untilReleased = 'i=0; while [ ! -e "go-$1" ] && [ $i -lt 3000 ]; do i=$((i + 1)); sleep 0.1; done'
const releaseCommand = ({ cwd }: CliWorkspace, id: string): void => writeFileSync(join(cwd, `go-${id}`), '')

/** The screen, with durations replaced by a word. */
const maskDurations = (screen: ReadonlyArray<string>): ReadonlyArray<string> =>
  screen.map(line => line.replace(/\d+ ms|\d+\.\d s/g, 'WHILE').replace(/^ +WHILE/, 'WHILE'))

test('a terminal shows a line for the running task and a bar, and at the end only the results', async () => {
  const workspace = await workspaceWithTasks('first', 'second')
  const worker = workOnTerminal(workspace, ['--until-empty'], `echo "at $1"; ${untilReleased}; [ $1 = first ]`)
  const atFirst = ['first | at first', 'WHILE  first', `${'░'.repeat(30)}  2 left of 2`, '']
  await vi.waitFor(() => expect(maskDurations(worker.screen())).toEqual(atFirst), slowPoll)

  const token = workspace.readEvents().at(-1)?.seq
  const pages = { pages: 3, of: '\u001b[2J', rest: 'x'.repeat(100) }
  await workspace.runOk(['renew', 'ann', 'first', '--token', String(token), '--progress', JSON.stringify(pages)])
  await worker.waitForLine(/ first {2}\{"pages":3,"of":"\\u001b\[2J","rest":"x+…?$/)
  expect(worker.screen().every(line => line.length < 60)).toBe(true)

  releaseCommand(workspace, 'first')
  await worker.waitForLine(/^ +\d+\.\d s {2}second$/)
  await worker.waitForLine(/^█{15}░{15} {2}1 left of 2$/)
  releaseCommand(workspace, 'second')
  expect(await worker.exitCode).toBe(9)
  expect(maskDurations(worker.screen())).toEqual([
    'first | at first',
    'completed  first  in WHILE',
    'second | at second',
    'failed     second  after WHILE, for good: exit 1',
    '1 completed, 1 attempt failed',
    '',
  ])
})

test('Ctrl-C reaches the worker and not its command: once to claim no more, twice to stop', async () => {
  const workspace = await workspaceWithTasks('first', 'second')
  const script = `trap 'touch heard' INT; echo ready; ${untilReleased}`
  const worker = workOnTerminal(workspace, [], script)
  await worker.waitForLine(/^first \| ready$/)
  await worker.waitForLine(/ 2 left of 2$/)
  worker.type('\u0003')
  await worker.waitForLine(/claiming no more tasks; interrupt again to stop the/)
  await worker.waitForLine(/ 2 left of 2$/)
  worker.type('\u0003')
  expect(await worker.exitCode).toBe(130)
  expect(existsSync(join(workspace.cwd, 'heard'))).toBe(false)
  expect(maskDurations(worker.screen()).slice(-3)).toEqual([
    'released   first  after WHILE',
    '0 completed, 1 released',
    '',
  ])
  expect(workspace.readEvents().at(-1)).toMatchObject({ event: 'released', task_id: 'first' })
})

test.each(['', 'set -m; '])(
  'in the background of a shell (%s), workers share the terminal line by line',
  async jobControl => {
    const workspace = await workspaceWithTasks('first', 'second')
    const work = `'${process.execPath}' '${claimlogPath}' work "$worker" --until-empty -- sleep 0.1`
    const script = `${jobControl}for worker in ann bob; do ${work} & done; wait`
    const shell = startOnTerminal(['sh', '-c', script], { cwd: workspace.cwd, columns: 60 })
    expect(await shell.exitCode).toBe(0)
    const lines = shell.screen().filter(line => line !== '')
    expect(lines.map(line => line.replace(/^\S+Z  | +in .*/g, '')).sort()).toEqual([
      'claimed    first',
      'claimed    second',
      'completed  first',
      'completed  second',
    ])
  },
)
