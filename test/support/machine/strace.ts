import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { claimlogPath, type Finished, run } from '../claimlog-process.ts'
import type { CliWorkspace } from '../cli-workspace.ts'
import { expectDescribed } from '../output-schemas.ts'
import { type Missing, programMissing } from './it-where-possible.ts'

/** Why processes cannot be traced here; undefined: they can. */
export const straceMissing: Missing = programMissing('strace', '-o', '/dev/null', 'true')

/** A system call as strace wrote it down. */
export type TracedCall = {
  readonly name: string
  /** All of it: arguments, the paths behind the file descriptors, and what it came to. */
  readonly text: string
}

/** A system call of a run, by how many calls of that name came before it, among those that `paths` leave. */
export type CallSite = {
  readonly name: string
  readonly ordinal: number
  /** Only calls that concern one of these files count, named as they are in the workspace's directory; none: all. */
  readonly paths: ReadonlyArray<string>
}

/** The calls in what `strace -y` wrote of one thread, in order. */
const callsIn = (trace: string): ReadonlyArray<TracedCall> =>
  trace.split('\n').flatMap(text => {
    const name = /^(\w+)\(/.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })

/** Runs `claimlog` under strace with `flags`; its main thread is traced, where the flags do not say more. */
export const traced = async (
  { cwd }: CliWorkspace,
  flags: ReadonlyArray<string>,
  words: ReadonlyArray<string>,
): Promise<Finished> => {
  const finished = await run('strace', [...flags, process.execPath, claimlogPath, ...words], { cwd })
  if (finished.status !== null) expectDescribed(words, finished.stdout)
  return finished
}

/** Runs `claimlog` to its end, and answers with what it came to and every system call of its main thread. */
export const recorded = async (
  workspace: CliWorkspace,
  words: ReadonlyArray<string>,
): Promise<{ readonly finished: Finished; readonly calls: ReadonlyArray<TracedCall> }> => {
  const trace = join(workspace.cwd, 'trace')
  const finished = await traced(workspace, ['-y', '-s', '0', '-o', trace], words)
  return { finished, calls: callsIn(readFileSync(trace, 'utf8')) }
}

/** The flags that put a fault at a call: `signal=KILL`, `error=EIO`. */
export const faultAt = (
  { dir }: CliWorkspace,
  { name, ordinal, paths }: CallSite,
  fault: string,
): ReadonlyArray<string> => [
  ...paths.flatMap(path => ['-P', join(dir, path)]),
  ...['-o', '/dev/null', '-e', `trace=${name}`, '-e', `inject=${name}:${fault}:when=${ordinal}`],
]

/** The files of the workspace that a call names, by itself or by a file descriptor; `.` is the directory. */
const filesNamedBy = ({ dir }: CliWorkspace, { text }: TracedCall): ReadonlyArray<string> =>
  text
    .split(/[<>"]/)
    .filter(path => path === dir || path.startsWith(`${dir}/`))
    .map(path => (path === dir ? '.' : path.slice(dir.length + 1)))

/**
 * The calls from the first that concerns the workspace to the last of the process: those on its files, which come alike
 * in each run, and the others, whose number varies with the threads and the memory of the machine. Where `wanted` is
 * given, only files of such names count.
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
