import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimlogPath, type ProcessResult, run } from '../claimlog-process.ts'
import type { CliWorkspace } from '../cli-workspace.ts'
import { expectOutputSchema } from '../output-schemas.ts'
import { type MissingReason, programMissing } from './it-if-possible.ts'

/** The reason why processes cannot be traced on this machine; undefined if they can. */
export const straceMissing: MissingReason = programMissing('strace', '-o', '/dev/null', 'true')

/** A system call in the output of strace. */
export type TracedCall = {
  readonly name: string
  /** The whole line: arguments, the paths of the file descriptors, and the result. */
  readonly text: string
}

/** A system call of a run: the call number `ordinal` with this name, among those that concern `paths`. */
export type CallSite = {
  readonly name: string
  readonly ordinal: number
  /** Only calls that concern one of these files count; relative to the workspace. If empty, all calls count. */
  readonly paths: ReadonlyArray<string>
}

/** The calls in the output of `strace -y` for one thread, in order. */
const parseTrace = (trace: string): ReadonlyArray<TracedCall> =>
  trace.split('\n').flatMap(text => {
    const name = /^(\w+)\(/.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })

/** Runs `claimlog` under strace with `flags`; only its main thread is traced, unless the flags change that. */
export const runTraced = async (
  { cwd }: CliWorkspace,
  flags: ReadonlyArray<string>,
  args: ReadonlyArray<string>,
): Promise<ProcessResult> => {
  const result = await run('strace', [...flags, process.execPath, claimlogPath, ...args], { cwd })
  if (result.status !== null) expectOutputSchema(args, result.stdout)
  return result
}

/** Runs `claimlog` until it exits; returns its result and every system call of its main thread. */
export const recordCalls = async (
  workspace: CliWorkspace,
  args: ReadonlyArray<string>,
): Promise<{ readonly result: ProcessResult; readonly calls: ReadonlyArray<TracedCall> }> => {
  const trace = join(workspace.cwd, 'trace')
  const result = await runTraced(workspace, ['-y', '-s', '0', '-o', trace], args)
  return { result, calls: parseTrace(readFileSync(trace, 'utf8')) }
}

/** The strace flags that inject a fault into a call: `signal=KILL`, `error=EIO`. */
export const faultFlags = (
  { dir }: CliWorkspace,
  { name, ordinal, paths }: CallSite,
  fault: string,
): ReadonlyArray<string> => [
  ...paths.flatMap(path => ['-P', join(dir, path)]),
  ...['-o', '/dev/null', '-e', `trace=${name}`, '-e', `inject=${name}:${fault}:when=${ordinal}`],
]

/** The files of the workspace in a call, as a path or a file descriptor; `.` is the directory. */
const findCallFiles = ({ dir }: CliWorkspace, { text }: TracedCall): ReadonlyArray<string> =>
  text
    .split(/[<>"]/)
    .filter(path => path === dir || path.startsWith(`${dir}/`))
    .map(path => (path === dir ? '.' : path.slice(dir.length + 1)))

/**
 * The calls from the first that concerns the workspace to the last of the process: those on its files, which are the
 * same in each run, and the others, whose number varies with the threads and the memory of the machine. Only files
 * whose names match `fileNames` count.
 */
export const callSites = (
  workspace: CliWorkspace,
  calls: ReadonlyArray<TracedCall>,
  fileNames = /./,
): { readonly onFiles: ReadonlyArray<CallSite>; readonly others: ReadonlyArray<CallSite> } => {
  const callFiles = calls.map(call => findCallFiles(workspace, call).filter(path => fileNames.test(path)))
  const paths = [...new Set(callFiles.flat())]
  const first = callFiles.findIndex(files => files.length > 0)
  const [counts, fileCounts] = [new Map<string, number>(), new Map<string, number>()]
  const [onFiles, others] = [Array<CallSite>(), Array<CallSite>()]
  calls.forEach(({ name }, i) => {
    const ordinal = incrementCount(counts, name)
    if (callFiles[i]?.length !== 0) onFiles.push({ name, ordinal: incrementCount(fileCounts, name), paths })
    else if (i > first) others.push({ name, ordinal, paths: [] })
  })
  return { onFiles, others }
}

const incrementCount = (counts: Map<string, number>, name: string): number => {
  const count = (counts.get(name) ?? 0) + 1
  counts.set(name, count)
  return count
}
