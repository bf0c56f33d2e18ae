import { lstatSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { parseOutput, claimlogPath, type ProcessResult, run } from './claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from './cli-workspace.ts'
import { expectSchema } from './output-schemas.ts'

/** The result of one check, without its name. */
export type PrintedCheck = Readonly<Record<string, unknown>>
/** The results of the checks, by name. */
export type PrintedChecks = Readonly<Record<string, PrintedCheck>>

/** The result of `doctor`: its exit code, and the result of each check by name. */
type DoctorResult = { readonly status: number | null; readonly ok: unknown; readonly checks: PrintedChecks }

/** The user who runs the tests. */
export const ownUid = process.getuid?.()

/** Permissions as doctor prints them. */
export const readMode = (path: string): string => `0${(lstatSync(path).mode & 0o7777).toString(8).padStart(3, '0')}`

/** Every file in a directory with its metadata, so that any later write makes a difference. */
const listMetadata = (dir: string): ReadonlyArray<string> =>
  ['.', ...readdirSync(dir, { recursive: true, encoding: 'utf8' })].sort().map(name => {
    const { ino, size, mtimeMs, ctimeMs, mode } = lstatSync(join(dir, name))
    return [name, ino, size, mtimeMs, ctimeMs, mode].join(' ')
  })

type DoctorOptions = {
  /** Arguments after `doctor`. */
  readonly args?: ReadonlyArray<string>
  /** Arguments for Node, before the program. */
  readonly nodeArgs?: ReadonlyArray<string>
}

/** Runs `doctor`, and checks that it changes no file of the workspace. */
export const runDoctor = async (
  { cwd, dir }: CliWorkspace,
  { args = [], nodeArgs = [] }: DoctorOptions = {},
): Promise<ProcessResult> => {
  const before = listMetadata(dir)
  const result = await run(process.execPath, [...nodeArgs, claimlogPath, 'doctor', ...args], { cwd })
  expect(listMetadata(dir)).toEqual(before)
  return result
}

/** Runs `doctor --json`, and checks that it changes no file and that its output matches its schema. */
export const runDoctorChecks = async (
  workspace: CliWorkspace,
  { args = [], nodeArgs = [] }: DoctorOptions = {},
): Promise<DoctorResult> => {
  const { status, ...output } = await runDoctor(workspace, { args: ['--json', ...args], nodeArgs })
  expect(output.stderr).toBe('')
  const document = parseOutput({ status, ...output })
  expectSchema('doctor', document)
  const { ok, dir, checks, ...counts } = document as { ok: boolean; dir: string; checks: ReadonlyArray<PrintedCheck> }
  const count = (state: string): number => checks.filter(check => check['state'] === state).length
  const [, dirArg = '.claimlog'] = args
  expect({ ok, dir, ...counts }).toEqual({
    ok: count('wrong') === 0,
    dir: resolve(workspace.cwd, dirArg),
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
export const anyFileSystem = expect.objectContaining({ free_bytes: anyNumber }) as unknown as PrintedCheck

/** The checks of `doctor` for a healthy workspace. */
export const healthyChecks = (workspace: CliWorkspace): PrintedChecks => {
  const last = workspace.readEvents().at(-1)
  const { seq, hash, time } = last as unknown as { seq: number; hash: string; time: string }
  const logPath = join(workspace.dir, 'events.jsonl')
  return {
    directory: {
      state: 'ok',
      message: 'you can read and write .claimlog',
      uid: ownUid,
      mode: readMode(workspace.dir),
    },
    log: {
      state: 'ok',
      message: 'you can read and write events.jsonl',
      ...{ uid: ownUid, mode: readMode(logPath), links: 1 },
    },
    git: { state: 'ok', message: 'the workspace is not in a git checkout' },
    file_system: anyFileSystem,
    lock: { state: 'ok', message: 'no process is holding a lock' },
    torn_tail: { state: 'ok', message: 'the log ends with a complete line', unfinished_bytes: 0 },
    chain: { state: 'ok', message: `${seq} lines, all with valid seq, hash and shape`, seq, hash },
    meaning: { state: 'ok', message: 'events form a valid history' },
    clock: { state: 'ok', message: `the last line is from ${time}`, time },
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
export const skippedCheck = (reason: string): PrintedCheck => ({ state: 'skipped', message: `not checked: ${reason}` })

/** Several checks that were skipped for one reason. */
export const skippedChecks = (reason: string, ...names: ReadonlyArray<string>): PrintedChecks =>
  Object.fromEntries(names.map(name => [name, skippedCheck(reason)]))

/** The checks that read the log. */
export const logCheckNames = ['torn_tail', 'chain', 'meaning', 'clock', 'projection', 'copies']

/** A workspace with a claimed task and one that depends on it: four lines. */
export const newWorkspaceWithClaim = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(
    ['add', '-'],
    ndjson({ kind: 'docs', task_id: 'inspect' }, { kind: 'docs', task_id: 'publish', needs: ['inspect'] }),
  )
  await workspace.runOk(['claim', 'ann', 'docs'])
  return workspace
}

export const findLogPath = ({ dir }: CliWorkspace): string => join(dir, 'events.jsonl')
