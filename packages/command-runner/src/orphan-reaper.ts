import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A command whose remaining processes are to be killed. */
export type CommandRun = {
  /** The value of `CLAIMLOG_RUN` in its environment. */
  readonly runId: string
  /** Its pid. Pids are assigned in order, so only later ones can be its processes. */
  readonly pid: number
  /** The value of {@link countForks} before it was started. */
  readonly initialForks: number | undefined
}

/** The number of passes after which it gives up: about a second. */
const passesMax = 100

const passDelayMsMax = 10

/**
 * Kills all processes that have `CLAIMLOG_RUN` of a command in their environment, also those that left its group and
 * those that start in the meantime; false if it gave up. Linux only; does nothing on other systems. watchdog.ts lists
 * the processes that it cannot find.
 */
export const killOrphans = async (commandRun: CommandRun): Promise<boolean> => {
  const sightings = noSightings()
  for (let pass = 0; pass < passesMax; pass += 1) {
    if (killOrphansOnce(commandRun, sightings) === 'none') return true
    await sleep(Math.min(pass + 1, passDelayMsMax))
  }
  return false
}

/** The processes that passes have seen, by pid. */
type Sightings = {
  /** They belong to no run or to another one, and so do all that they start. */
  readonly foreign: Set<number>
  /** Dead or killed: what they have started is older than the next pass. */
  readonly ended: Set<number>
}

const noSightings = (): Sightings => ({ foreign: new Set(), ended: new Set() })

/**
 * The result of a pass. `unsure`: a process has no environment because it is just starting a program, or a process has
 * ended since the pass began and may have started another one, which the pass did not see. So the next pass decides.
 */
type PassResult = 'killed' | 'unsure' | 'none'

/** Does one pass of {@link killOrphans} over the processes that exist now. */
export const killOrphansOnce = (
  { runId, pid, initialForks }: CommandRun,
  { foreign, ended }: Sightings = noSightings(),
): PassResult => {
  if (process.platform !== 'linux') return 'none'
  const names = listProcessNames()
  if (names === undefined) return 'unsure'
  // Queried after the names, so that it covers all of them.
  const isLater = startedAfterFilter(pid, initialForks)
  let [hasKilled, isUnsure] = [false, false]
  for (const name of names) {
    const other = Number(name)
    if (!Number.isInteger(other) || other === process.pid || foreign.has(other) || !isLater(other)) continue
    const state = readState(other, `CLAIMLOG_RUN=${runId}`)
    if (state === 'marked') kill(other)
    if (state === 'unmarked') foreign.add(other)
    hasKilled ||= state === 'marked'
    isUnsure ||= state === 'starting' || (state === 'ended' && !ended.has(other))
    if (state === 'marked' || state === 'ended') ended.add(other)
  }
  return hasKilled ? 'killed' : isUnsure ? 'unsure' : 'none'
}

/** undefined: /proc cannot be read because too many files are open. */
const listProcessNames = (): ReadonlyArray<string> | undefined => {
  try {
    return readdirSync('/proc')
  } catch {
    return undefined
  }
}

/** The number of processes and threads started since boot; undefined if unknown. */
export const countForks = (): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const [, forks] = /^processes (\d+)$/m.exec(readIfExists('/proc/stat')?.toString() ?? '') ?? []
  return forks === undefined ? undefined : Number(forks)
}

/**
 * Returns a predicate that is true if a process may have been started after `pid`. Reading every process of a busy
 * machine takes tens of milliseconds, most of which this saves. If pids may have wrapped around, it is true for all.
 */
const startedAfterFilter = (pid: number, initialForks: number | undefined): ((other: number) => boolean) => {
  const forks = (countForks() ?? NaN) - (initialForks ?? NaN)
  const lastPid = Number(readIfExists('/proc/loadavg')?.toString().trim().split(' ').at(-1))
  const pidMax = Number(readIfExists('/proc/sys/kernel/pid_max')?.toString())
  // The system skips pids in use, so the last pid may be further away than the number of forks: hence half the range.
  // The fork of the command is counted, so there is at least one.
  const hasNotWrapped = forks > 0 && forks < pidMax / 2 && lastPid > 0
  if (!hasNotWrapped) return () => true
  return lastPid >= pid ? other => other > pid && other <= lastPid : other => other > pid || other <= lastPid
}

const readIfExists = (path: string): Buffer | undefined => {
  const content = readOrCode(path)
  return typeof content === 'string' ? undefined : content
}

/** The content of a file, or the code of the error. */
const readOrCode = (path: string): Buffer | string => {
  try {
    return readFileSync(path)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

/**
 * The state of a process: whether `mark` is in its environment, or why it has none. `starting`: it is in the middle of
 * `execve` and may have any environment. It stays there for as long as the disk takes to read the program. `ended`: also
 * if it is not reaped yet.
 */
type ProcessState = 'marked' | 'unmarked' | 'starting' | 'ended'

const readState = (pid: number, mark: string): ProcessState => {
  const environment = readOrCode(`/proc/${pid}/environ`)
  if (typeof environment === 'string') return describeUnreadable(environment)
  if (environment.length > 0) return environment.includes(mark) ? 'marked' : 'unmarked'
  const memory = readMemoryState(pid)
  if (memory !== 'complete') return memory
  // It has started since, or its environment is empty.
  return readIfExists(`/proc/${pid}/environ`)?.includes(mark) === true ? 'marked' : 'unmarked'
}

/** `starting` stands for any other error, such as too many open files: the next pass tries again. */
const describeUnreadable = (code: string): ProcessState => {
  if (code === 'ENOENT' || code === 'ESRCH') return 'ended'
  return code === 'EACCES' || code === 'EPERM' ? 'unmarked' : 'starting'
}

/**
 * The state of a process without an environment. One that has ended has no memory, like a kernel thread; one that is
 * starting has memory, but no address of its code yet, which the kernel sets after the environment.
 */
const readMemoryState = (pid: number): 'ended' | 'starting' | 'complete' => {
  const stat = readIfExists(`/proc/${pid}/stat`)?.toString() ?? ''
  // The fields from the third one; `vsize` is the 23rd, `startcode` the 26th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (stat === '' || fields[23 - 3] === '0') return 'ended'
  return fields[26 - 3] === '0' ? 'starting' : 'complete'
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has exited or belongs to another user now.
    return
  }
}
