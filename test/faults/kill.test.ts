import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import { callSites, type CallSite, faultAt, recorded, straceMissing, traced } from '../support/machine/strace.ts'
import { copyOf, faultsInLog, isAnswered, sideBySide, standing, timeless, wholeLines } from './undisturbed.ts'

/** A kill and its checks take a third of a second; a test that takes this long hangs. */
const safetyMs = 600_000

/** A command, and the workspace in which it runs. */
type Scenario = { readonly prepared: CliWorkspace; readonly words: ReadonlyArray<string> }

/** The result of a command that is not killed. */
type Undisturbed = { readonly answer: string; readonly workspace: ReturnType<typeof standing> }

const twoTasks = async (): Promise<CliWorkspace> => {
  const prepared = await newWorkspace()
  await prepared.done(['add', 'docs', 'first'])
  await prepared.done(['add', 'docs', 'second'])
  return prepared
}

const claim = ['claim', 'ann', 'docs', '--lease', '1h', '--request-id', 'one']
const complete = ['complete', 'ann', 'first', '--result', '{"pages":3}', '--claim-next', '--request-id', 'one']

const quiet = { status: 0, stderr: '' }

/** Kills the command at one call, and checks that the final result is the same as without the kill. */
const killAt = async (
  { prepared, words }: Scenario,
  undisturbed: Undisturbed,
  site: CallSite,
  name: string,
  next: 'verify' | 'the same',
): Promise<'killed' | 'ended by itself'> => {
  const workspace = copyOf(prepared, name)
  const before = wholeLines(workspace)
  const where = { call: site.name, ordinal: site.ordinal }
  const killed = await traced(workspace, faultAt(workspace, site, 'signal=KILL'), words)
  expect({ ...where, faults: faultsInLog(workspace) }).toEqual({ ...where, faults: [] })
  expect(wholeLines(workspace).startsWith(before)).toBe(true)
  const ended = killed.status === null ? 'killed' : 'ended by itself'
  if (killed.status !== null) expect({ ...where, ...killed }).toMatchObject(quiet)
  if (isAnswered(killed)) {
    // The result equals that of the undisturbed run, so the next commands need no check.
    const answered = { answer: timeless(killed.stdout), workspace: standing(workspace) }
    expect({ ...where, ...answered }).toEqual({ ...where, ...undisturbed })
    return ended
  }

  // The first command afterwards is a reader or a writer: both must work alone.
  if (next === 'verify') expect({ ...where, ...(await workspace.run(['verify'])) }).toMatchObject(quiet)
  const { stdout: repeated, ...rest } = await workspace.run(words)
  expect({ ...where, ...rest }).toEqual({ ...where, ...quiet })
  expect({
    ...where,
    answer: timeless(repeated),
    workspace: standing(workspace),
    faults: faultsInLog(workspace),
  }).toEqual({ ...where, ...undisturbed, faults: [] })
  return ended
}

/** Of the calls that touch no file (memory, threads), every fourth; all with `CLAIMLOG_KILL_EVERYWHERE=1`. */
const everyOther = process.env.CLAIMLOG_KILL_EVERYWHERE === '1' ? 1 : 4

/**
 * Kills the command at every call on a file of the workspace and, with `all`, at other calls after the first of them.
 */
const killEverywhere = async (scenario: Scenario, extent: 'files' | 'all'): Promise<ReadonlyArray<CliWorkspace>> => {
  const workspace = copyOf(scenario.prepared, 'undisturbed')
  const { finished, calls } = await recorded(workspace, scenario.words)
  expect(finished).toMatchObject(quiet)
  expect(await workspace.run(scenario.words)).toEqual(finished)
  const undisturbed = { answer: timeless(finished.stdout), workspace: standing(workspace) }
  const { onFiles, others } = callSites(workspace, calls)
  expect(onFiles.map(({ name }) => name)).toEqual(expect.arrayContaining(['openat', 'flock', 'write', 'fdatasync']))

  await sideBySide(onFiles, async (site, i) => {
    const it = await killAt(scenario, undisturbed, site, `file-${i}`, i % 2 === 0 ? 'verify' : 'the same')
    expect({ ...site, it }).toEqual({ ...site, it: 'killed' })
  })
  let hits = 0
  const rest = extent === 'all' ? others.filter((_, i) => i % everyOther === 0) : []
  await sideBySide(rest, async (site, i) => {
    if ((await killAt(scenario, undisturbed, site, `other-${i}`, 'the same')) === 'killed') hits += 1
  })
  // A process may make fewer calls with a name than the recorded one.
  expect(hits).toBeGreaterThanOrEqual(rest.length / 2)
  return onFiles.map((_, i) => copiedBefore(scenario, `file-${i}`))
}

const copiedBefore = ({ prepared }: Scenario, name: string): CliWorkspace => ({
  ...prepared,
  dir: join(prepared.cwd, name, '.claimlog'),
})

describe('a command that is killed at a system call', () => {
  const test = itWherePossible(straceMissing)

  test(
    'has claimed once or not at all, at any call, and claims once when it is sent again',
    async () => {
      await killEverywhere({ prepared: await twoTasks(), words: claim }, 'all')
    },
    safetyMs,
  )

  test(
    'has completed its task and claimed the next, both once or neither, at any call on a file',
    async () => {
      const prepared = await twoTasks()
      await prepared.done(['claim', 'ann', 'docs', '--lease', '1h'])
      await killEverywhere({ prepared, words: complete }, 'files')
    },
    safetyMs,
  )

  test(
    'loses nothing of a torn tail that it was about to move, and uses none of it as an event',
    async () => {
      const prepared = await twoTasks()
      const torn = '{"seq":4,"event":"claimed","worker":"bob","ta'
      appendFileSync(join(prepared.dir, 'events.jsonl'), torn)
      for (const { dir } of await killEverywhere({ prepared, words: claim }, 'files')) {
        const kept = readFileSync(join(dir, 'events.torn'), 'utf8')
        expect(kept.endsWith('\n')).toBe(true)
        // The next command moves it a second time if the first died before it had truncated the log.
        expect(['', ...kept.split(torn)].join('').trim()).toBe('')
        expect(kept).toContain(torn)
      }
    },
    safetyMs,
  )

  test(
    'leaves every byte of the log in place while it writes unsynced events again',
    async () => {
      const prepared = await twoTasks()
      writeFileSync(join(prepared.dir, 'events.unsynced'), '')
      for (const { dir } of await killEverywhere({ prepared, words: claim }, 'files'))
        expect(existsSync(join(dir, 'events.unsynced'))).toBe(false)
    },
    safetyMs,
  )
})
