import { lstatSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { answer, claimlogPath, type Finished, run } from './claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from './cli-workspace.ts'
import { expectSchema } from './output-schemas.ts'

/** The result of one check, without its name. */
export type Check = Readonly<Record<string, unknown>>
/** The results of the checks, by name. */
export type Checks = Readonly<Record<string, Check>>

/** The result of `doctor`: its exit code, and the result of each check by name. */
type Examined = { readonly status: number | null; readonly ok: unknown; readonly checks: Checks }

/** The user who runs the tests. */
export const ownUid = process.getuid?.()

/** Permissions as doctor prints them. */
export const modeOf = (path: string): string => `0${(lstatSync(path).mode & 0o7777).toString(8).padStart(3, '0')}`

/** Every file in a directory with its metadata, so that any later write makes a difference. */
const everythingIn = (dir: string): ReadonlyArray<string> =>
  ['.', ...readdirSync(dir, { recursive: true, encoding: 'utf8' })].sort().map(name => {
    const { ino, size, mtimeMs, ctimeMs, mode } = lstatSync(join(dir, name))
    return [name, ino, size, mtimeMs, ctimeMs, mode].join(' ')
  })

type Surroundings = {
  /** Arguments after `doctor`. */
  readonly words?: ReadonlyArray<string>
  /** Arguments for Node, before the program. */
  readonly nodeWords?: ReadonlyArray<string>
}

/** Runs `doctor`, and checks that it changes no file of the workspace. */
export const runDoctor = async (
  { cwd, dir }: CliWorkspace,
  { words = [], nodeWords = [] }: Surroundings = {},
): Promise<Finished> => {
  const found = everythingIn(dir)
  const finished = await run(process.execPath, [...nodeWords, claimlogPath, 'doctor', ...words], { cwd })
  expect(everythingIn(dir)).toEqual(found)
  return finished
}

/** Runs `doctor --json`, and checks that it changes no file and that its output matches its schema. */
export const examine = async (
  workspace: CliWorkspace,
  { words = [], nodeWords = [] }: Surroundings = {},
): Promise<Examined> => {
  const { status, ...printed } = await runDoctor(workspace, { words: ['--json', ...words], nodeWords })
  expect(printed.stderr).toBe('')
  const document = answer({ status, ...printed })
  expectSchema('doctor', document)
  const { ok, dir, checks, ...counts } = document as { ok: boolean; dir: string; checks: ReadonlyArray<Check> }
  const count = (state: string): number => checks.filter(check => check['state'] === state).length
  const [, named = '.claimlog'] = words
  expect({ ok, dir, ...counts }).toEqual({
    ok: count('wrong') === 0,
    dir: resolve(workspace.cwd, named),
    warnings: count('warning'),
    wrong: count('wrong'),
  })
  return {
    status,
    ok,
    checks: Object.fromEntries(checks.map(({ name, ...check }) => [name as string, check] as const)),
  }
}

const anyNumber = expect.any(Number) as unknown

/** The file system depends on the machine that runs the tests. */
export const anyFileSystem = expect.objectContaining({ free_bytes: anyNumber }) as unknown as Check

/** The checks of `doctor` for a healthy workspace. */
export const sound = (workspace: CliWorkspace): Checks => {
  const last = workspace.events().at(-1)
  const { seq, hash, time } = last as unknown as { seq: number; hash: string; time: string }
  const logPath = join(workspace.dir, 'events.jsonl')
  return {
    directory: {
      state: 'ok',
      message: 'you can read and write .claimlog',
      uid: ownUid,
      mode: modeOf(workspace.dir),
    },
    log: {
      state: 'ok',
      message: 'you can read and write events.jsonl',
      ...{ uid: ownUid, mode: modeOf(logPath), links: 1 },
    },
    git: { state: 'ok', message: 'the workspace is not in a git checkout' },
    file_system: anyFileSystem,
    lock: { state: 'ok', message: 'no process is holding a lock' },
    torn_tail: { state: 'ok', message: 'the log ends with a complete line', unfinished_bytes: 0 },
    chain: { state: 'ok', message: `${seq} lines, all with valid seq, hash and shape`, seq, hash },
    meaning: { state: 'ok', message: 'events form a valid history' },
    clock: { state: 'ok', message: `the last line is of ${time}`, time },
    projection: { state: 'ok', message: `queue.json agrees with the log at seq ${seq}`, seq },
    copies: { state: 'ok', message: 'there is no copy of this workspace nearby' },
    checkpoint: { state: 'ok', message: 'there is no checkpoint' },
    runtime: {
      state: 'ok',
      message: `Node ${process.versions.node}; fs-ext is loaded for locks`,
      node: process.versions.node,
    },
  }
}

/** A check that was skipped. */
export const skipped = (reason: string): Check => ({ state: 'skipped', message: `not checked: ${reason}` })

/** Several checks that were skipped for one reason. */
export const skippedAll = (reason: string, ...names: ReadonlyArray<string>): Checks =>
  Object.fromEntries(names.map(name => [name, skipped(reason)]))

/** The checks that read the log. */
export const ofReading = ['torn_tail', 'chain', 'meaning', 'clock', 'projection', 'copies']

/** A workspace with a claimed task and one that depends on it: four lines. */
export const usedWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.done(
    ['add', '-'],
    ndjson({ kind: 'docs', task_id: 'inspect' }, { kind: 'docs', task_id: 'publish', needs: ['inspect'] }),
  )
  await workspace.done(['claim', 'ann', 'docs'])
  return workspace
}

export const logPathOf = ({ dir }: CliWorkspace): string => join(dir, 'events.jsonl')
