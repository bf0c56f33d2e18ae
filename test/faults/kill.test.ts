import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { selectCases } from '../support/machine/select-cases.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import {
  callSites,
  type CallSite,
  faultFlags,
  recordCalls,
  straceMissing,
  runTraced,
} from '../support/machine/strace.ts'
import {
  copyWorkspace,
  findLogErrors,
  isComplete,
  runInParallel,
  workspaceContent,
  maskTimes,
  completeLines,
} from './workspace-copy.ts'

/** A kill and its checks take a third of a second; a test that takes this long hangs. */
const timeoutMs = 600_000

/** A command, and the workspace in which it runs. */
type KillScenario = { readonly prepared: CliWorkspace; readonly args: ReadonlyArray<string> }

/** The result of a command that is not killed. */
type BaselineResult = { readonly answer: string; readonly workspace: ReturnType<typeof workspaceContent> }

const newWorkspaceWithTwoTasks = async (): Promise<CliWorkspace> => {
  const prepared = await newWorkspace()
  await prepared.runOk(['add', 'docs', 'first'])
  await prepared.runOk(['add', 'docs', 'second'])
  return prepared
}

const claim = ['claim', 'ann', 'docs', '--lease', '1h', '--request-id', 'one']
const complete = ['complete', 'ann', 'first', '--result', '{"pages":3}', '--claim-next', '--request-id', 'one']

const success = { status: 0, stderr: '' }

/** Kills the command at one call, and checks that the final result is the same as without the kill. */
const killAtCall = async (
  { prepared, args }: KillScenario,
  baseline: BaselineResult,
  site: CallSite,
  name: string,
  next: 'verify' | 'the same',
): Promise<'killed' | 'ended by itself'> => {
  const workspace = copyWorkspace(prepared, name)
  const before = completeLines(workspace)
  const callInfo = { call: site.name, ordinal: site.ordinal }
  const killedResult = await runTraced(workspace, faultFlags(workspace, site, 'signal=KILL'), args)
  expect({ ...callInfo, faults: findLogErrors(workspace) }).toEqual({ ...callInfo, faults: [] })
  expect(completeLines(workspace).startsWith(before)).toBe(true)
  const outcome = killedResult.status === null ? 'killed' : 'ended by itself'
  if (killedResult.status !== null) expect({ ...callInfo, ...killedResult }).toMatchObject(success)
  if (isComplete(killedResult)) {
    // The result equals that of the undisturbed run, so the next commands need no check.
    const result = { answer: maskTimes(killedResult.stdout), workspace: workspaceContent(workspace) }
    expect({ ...callInfo, ...result }).toEqual({ ...callInfo, ...baseline })
    return outcome
  }

  // The first command afterwards is a reader or a writer: both must work alone.
  if (next === 'verify') expect({ ...callInfo, ...(await workspace.run(['verify'])) }).toMatchObject(success)
  const { stdout: repeatedOutput, ...rest } = await workspace.run(args)
  expect({ ...callInfo, ...rest }).toEqual({ ...callInfo, ...success })
  expect({
    ...callInfo,
    answer: maskTimes(repeatedOutput),
    workspace: workspaceContent(workspace),
    faults: findLogErrors(workspace),
  }).toEqual({ ...callInfo, ...baseline, faults: [] })
  return outcome
}

/**
 * Kills the command at every call on a file of the workspace and, with `all`, at every eighth of the other calls (memory,
 * threads) after the first of them.
 */
const killAtEveryCall = async (
  scenario: KillScenario,
  extent: 'files' | 'all',
): Promise<ReadonlyArray<CliWorkspace>> => {
  const workspace = copyWorkspace(scenario.prepared, 'undisturbed')
  const { result: baselineOutput, calls } = await recordCalls(workspace, scenario.args)
  expect(baselineOutput).toMatchObject(success)
  expect(await workspace.run(scenario.args)).toEqual(baselineOutput)
  const baseline = { answer: maskTimes(baselineOutput.stdout), workspace: workspaceContent(workspace) }
  const { onFiles, others } = callSites(workspace, calls)
  expect(onFiles.map(({ name }) => name)).toEqual(expect.arrayContaining(['openat', 'flock', 'write', 'fdatasync']))

  await runInParallel(onFiles, async (site, i) => {
    const outcome = await killAtCall(scenario, baseline, site, `file-${i}`, i % 2 === 0 ? 'verify' : 'the same')
    expect({ ...site, outcome }).toEqual({ ...site, outcome: 'killed' })
  })
  let hits = 0
  const rest = extent === 'all' ? selectCases(others, 24) : []
  await runInParallel(rest, async (site, i) => {
    if ((await killAtCall(scenario, baseline, site, `other-${i}`, 'the same')) === 'killed') hits += 1
  })
  // A process may make fewer calls with a name than the recorded one.
  expect(hits).toBeGreaterThanOrEqual(rest.length / 2)
  return onFiles.map((_, i) => findCopy(scenario, `file-${i}`))
}

const findCopy = ({ prepared }: KillScenario, name: string): CliWorkspace => ({
  ...prepared,
  dir: join(prepared.cwd, name, '.claimlog'),
})

describe('a command that is killed at a system call', () => {
  const test = itIfPossible(straceMissing)

  test(
    'has claimed once or not at all, at any call, and claims once when it is sent again',
    async () => {
      await killAtEveryCall({ prepared: await newWorkspaceWithTwoTasks(), args: claim }, 'all')
    },
    timeoutMs,
  )

  test(
    'has completed its task and claimed the next, both once or neither, at any call on a file',
    async () => {
      const prepared = await newWorkspaceWithTwoTasks()
      await prepared.runOk(['claim', 'ann', 'docs', '--lease', '1h'])
      await killAtEveryCall({ prepared, args: complete }, 'files')
    },
    timeoutMs,
  )

  test(
    'loses nothing of a torn tail that it was about to move, and uses none of it as an event',
    async () => {
      const prepared = await newWorkspaceWithTwoTasks()
      const tornTail = '{"seq":4,"event":"claimed","worker":"bob","ta'
      appendFileSync(join(prepared.dir, 'events.jsonl'), tornTail)
      for (const { dir } of await killAtEveryCall({ prepared, args: claim }, 'files')) {
        const movedTails = readFileSync(join(dir, 'events.torn'), 'utf8')
        expect(movedTails.endsWith('\n')).toBe(true)
        // The next command moves it a second time if the first died before it had truncated the log.
        expect(['', ...movedTails.split(tornTail)].join('').trim()).toBe('')
        expect(movedTails).toContain(tornTail)
      }
    },
    timeoutMs,
  )

  test(
    'leaves every byte of the log in place while it writes unsynced events again',
    async () => {
      const prepared = await newWorkspaceWithTwoTasks()
      writeFileSync(join(prepared.dir, 'events.unsynced'), '')
      for (const { dir } of await killAtEveryCall({ prepared, args: claim }, 'files'))
        expect(existsSync(join(dir, 'events.unsynced'))).toBe(false)
    },
    timeoutMs,
  )
})
