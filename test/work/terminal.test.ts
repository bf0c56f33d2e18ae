import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { claimlogPath } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { patience } from '../support/started-worker.ts'
import { type OnTerminal, onTerminal } from '../support/terminal-screen.ts'

const workspaceWith = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.done(['add', '-'], ndjson(...ids.map(id => ({ kind: 'docs', task_id: id, max_attempts: 1 }))))
  return workspace
}

const workOnTerminal = ({ cwd }: CliWorkspace, words: ReadonlyArray<string>, script: string): OnTerminal => {
  const command = [process.execPath, claimlogPath, 'work', 'ann', ...words, '--', 'sh', '-c', script, 'sh', '{id}']
  return onTerminal(command, { cwd, columns: 60 })
}

const untilLetGo = 'i=0; while [ ! -e "go-$1" ] && [ $i -lt 3000 ]; do i=$((i + 1)); sleep 0.1; done'
const letGo = ({ cwd }: CliWorkspace, id: string): void => writeFileSync(join(cwd, `go-${id}`), '')

/** The screen, with durations replaced by a word. */
const timeless = (screen: ReadonlyArray<string>): ReadonlyArray<string> =>
  screen.map(line => line.replace(/\d+ ms|\d+\.\d s/g, 'WHILE').replace(/^ +WHILE/, 'WHILE'))

test('a terminal shows a line for the running task and a bar, and at the end only the results', async () => {
  const workspace = await workspaceWith('first', 'second')
  const worker = workOnTerminal(workspace, ['--until-empty'], `echo "at $1"; ${untilLetGo}; [ $1 = first ]`)
  const atFirst = ['first | at first', 'WHILE  first', `${'░'.repeat(30)}  2 left of 2`, '']
  await vi.waitFor(() => expect(timeless(worker.screen())).toEqual(atFirst), patience)

  const token = workspace.events().at(-1)?.seq
  const pages = { pages: 3, of: '\u001b[2J', rest: 'x'.repeat(100) }
  await workspace.done(['renew', 'ann', 'first', '--token', String(token), '--progress', JSON.stringify(pages)])
  await worker.shows(/ first {2}\{"pages":3,"of":"\\u001b\[2J","rest":"x+…?$/)
  expect(worker.screen().every(line => line.length < 60)).toBe(true)

  letGo(workspace, 'first')
  await worker.shows(/^ +\d+\.\d s {2}second$/)
  await worker.shows(/^█{15}░{15} {2}1 left of 2$/)
  letGo(workspace, 'second')
  expect(await worker.ended).toBe(9)
  expect(timeless(worker.screen())).toEqual([
    'first | at first',
    'completed  first  in WHILE',
    'second | at second',
    'failed     second  after WHILE, for good: exit 1',
    '1 completed, 1 attempt failed',
    '',
  ])
})

test('Ctrl-C reaches the worker and not its command: once to claim no more, twice to stop', async () => {
  const workspace = await workspaceWith('first', 'second')
  const script = `trap 'touch heard' INT; echo ready; ${untilLetGo}`
  const worker = workOnTerminal(workspace, [], script)
  await worker.shows(/^first \| ready$/)
  await worker.shows(/ 2 left of 2$/)
  worker.type('\u0003')
  await worker.shows(/claiming no more tasks; interrupt again to stop the/)
  await worker.shows(/ 2 left of 2$/)
  worker.type('\u0003')
  expect(await worker.ended).toBe(130)
  expect(existsSync(join(workspace.cwd, 'heard'))).toBe(false)
  expect(timeless(worker.screen()).slice(-3)).toEqual(['released   first  after WHILE', '0 completed, 1 released', ''])
  expect(workspace.events().at(-1)).toMatchObject({ event: 'released', task_id: 'first' })
})
