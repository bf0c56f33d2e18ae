/**
 * With too few file descriptors, every call is refused with an error code, and what is answered with ok is in the log.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { run, temporaryDirectory } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'
import { type McpAgent, startAgent } from '../support/mcp-agent.ts'

const it = itIfPossible(
  process.platform === 'linux' ? programMissing('prlimit', '--version') : 'open files are counted on Linux',
)

const program = fileURLToPath(new URL('../programs/many-workspaces.mjs', import.meta.url))
const library = fileURLToPath(new URL('../../packages/claimlog/dist/index.mjs', import.meta.url))

type ProgramReport = {
  readonly resultCounts: Readonly<Record<string, number>>
  readonly opened: number
  readonly acknowledged: number
  readonly missing: ReadonlyArray<unknown>
  readonly open: number
}

/** The report of a process that opens four hundred workspaces. */
const runManyWorkspaces = async (openFilesMax: number): Promise<ProgramReport> => {
  const cwd = temporaryDirectory()
  const args = [`--nofile=${openFilesMax}`, process.execPath, program, library, join(cwd, 'queues')]
  const { status, stdout, stderr } = await run('prlimit', args, { cwd })
  expect({ openFilesMax, status, stderr }).toEqual({ openFilesMax, status: 0, stderr: '' })
  return JSON.parse(stdout) as ProgramReport
}

describe('a program that opens four hundred workspaces', () => {
  it('with too few descriptors gets io_failed, or an answer that is in the log', async () => {
    const plenty = await runManyWorkspaces(4096)
    expect(plenty).toMatchObject({ opened: 400, acknowledged: 2400, missing: [] })
    for (const openFilesMax of [40, 400, 440]) {
      const { resultCounts, opened, missing, open } = await runManyWorkspaces(openFilesMax)
      expect({ openFilesMax, missing, open }).toEqual({
        openFilesMax,
        missing: [],
        open: plenty.open,
      })
      expect(Object.keys(resultCounts).filter(word => !/: (ok|io_failed|wait_timeout)$/.test(word))).toEqual([])
      expect(opened).toBeGreaterThan(0)
      expect(
        resultCounts['open: io_failed'] ?? resultCounts['list: io_failed'] ?? resultCounts['follow: io_failed'],
      ).toBeGreaterThan(0)
    }
  })
})

/**
 * A server with a limit on open files, and a function that raises the limit, which only root can do; undefined if the
 * limit is too low for the server to start. Node itself raises the limit as far as possible.
 */
const startLimitedServer = async (
  cwd: string,
  openFilesMax: number,
): Promise<{ readonly agent: McpAgent; readonly raise: () => boolean } | undefined> => {
  const script = `echo $$ > pid; exec prlimit --nofile=${openFilesMax} "$@"`
  try {
    const agent = await startAgent({ cwd, launcher: ['sh', '-c', script, 'sh'] })
    const pid = readFileSync(join(cwd, 'pid'), 'utf8').trim()
    return { agent, raise: () => spawnSync('prlimit', ['--pid', pid, '--nofile=4096']).status === 0 }
  } catch {
    return undefined
  }
}

describe('a server of an agent with too few file descriptors', () => {
  it('answers io_failed to every call, and works again once the limit is raised', async () => {
    let refused = 0
    for (let openFilesMax = 19; openFilesMax <= 26; openFilesMax += 1) {
      const { cwd, runOk } = await newWorkspace()
      await runOk(['add', 'docs', 'first'])
      const server = await startLimitedServer(cwd, openFilesMax)
      if (server === undefined) continue
      const { agent, raise } = server
      for (const [name, args] of [
        ['claim_task', { kinds: ['ci'] }],
        ['list_tasks', {}],
        ['trace_task', { task_id: 'first' }],
        ['add_tasks', { tasks: [{ kind: 'docs' }] }],
      ] as const) {
        const answer = await agent.call(name, args)
        if (answer.ok === true || answer.error === 'no_ready_task') continue
        expect({ openFilesMax, name, ...answer }).toMatchObject({
          openFilesMax,
          name,
          error: 'io_failed',
        })
        refused += 1
      }
      if (raise())
        expect(await agent.call('claim_task', { kinds: ['docs'] })).toMatchObject({ ok: true, task: { id: 'first' } })
      await agent.close()
    }
    expect(refused).toBeGreaterThan(0)
  })
})
