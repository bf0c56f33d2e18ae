import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimlogPath, type Finished, run } from '../claimlog-process.ts'
import type { CliWorkspace } from '../cli-workspace.ts'
import { expectDescribed } from '../output-schemas.ts'
import { type Missing, programMissing } from './it-where-possible.ts'

/** The reason why processes cannot be traced on this machine; undefined if they can. */
export const straceMissing: Missing = programMissing('strace', '-o', '/dev/null', 'true')

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
const callsIn = (trace: string): ReadonlyArray<TracedCall> =>
  trace.split('\n').flatMap(text => {
    const name = /^(\w+)\(/.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })

/** Runs `claimlog` under strace with `flags`; only its main thread is traced, unless the flags change that. */
export const traced = async (
  { cwd }: CliWorkspace,
  flags: ReadonlyArray<string>,
  words: ReadonlyArray<string>,
): Promise<Finished> => {
  const finished = await run('strace', [...flags, process.execPath, claimlogPath, ...words], { cwd })
  if (finished.status !== null) expectDescribed(words, finished.stdout)
  return finished
}

/** Runs `claimlog` until it exits; returns its result and every system call of its main thread. */
export const recorded = async (
  workspace: CliWorkspace,
  words: ReadonlyArray<string>,
): Promise<{ readonly finished: Finished; readonly calls: ReadonlyArray<TracedCall> }> => {
  const trace = join(workspace.cwd, 'trace')
  const finished = await traced(workspace, ['-y', '-s', '0', '-o', trace], words)
  return { finished, calls: callsIn(readFileSync(trace, 'utf8')) }
}

/** The strace flags that inject a fault into a call: `signal=KILL`, `error=EIO`. */
export const faultAt = (
  { dir }: CliWorkspace,
  { name, ordinal, paths }: CallSite,
  fault: string,
): ReadonlyArray<string> => [
  ...paths.flatMap(path => ['-P', join(dir, path)]),
  ...['-o', '/dev/null', '-e', `trace=${name}`, '-e', `inject=${name}:${fault}:when=${ordinal}`],
]

/** The files of the workspace in a call, as a path or a file descriptor; `.` is the directory. */
const filesNamedBy = ({ dir }: CliWorkspace, { text }: TracedCall): ReadonlyArray<string> =>
  text
    .split(/[<>"]/)
    .filter(path => path === dir || path.startsWith(`${dir}/`))
    .map(path => (path === dir ? '.' : path.slice(dir.length + 1)))

/**
 * The calls from the first that concerns the workspace to the last of the process: those on its files, which are the
 * same in each run, and the others, whose number varies with the threads and the memory of the machine. Only files
 * whose names match `wanted` count.
 */
export const callSites = (
  workspace: CliWorkspace,
  calls: ReadonlyArray<TracedCall>,
  wanted = /./,
): { readonly onFiles: ReadonlyArray<CallSite>; readonly others: ReadonlyArray<CallSite> } => {
  const named = calls.map(call => filesNamedBy(workspace, call).filter(path => wanted.test(path)))
  const paths = [...new Set(named.flat())]
  const first = named.findIndex(files => files.length > 0)
  const [all, own] = [new Map<string, number>(), new Map<string, number>()]
  const [onFiles, others] = [Array<CallSite>(), Array<CallSite>()]
  calls.forEach(({ name }, i) => {
    const ordinal = countedUp(all, name)
    if (named[i]?.length !== 0) onFiles.push({ name, ordinal: countedUp(own, name), paths })
    else if (i > first) others.push({ name, ordinal, paths: [] })
  })
  return { onFiles, others }
}

const countedUp = (counts: Map<string, number>, name: string): number => {
  const count = (counts.get(name) ?? 0) + 1
  counts.set(name, count)
  return count
}
