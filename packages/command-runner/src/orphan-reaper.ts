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

/** The numbers of passes after which a process that does not die, or that has no environment, is ignored. */
const passesMax = 100
const unsurePassesMax = 5

const passDelayMsMax = 10

/**
 * Kills all processes that have `CLAIMLOG_RUN` of a command in their environment, also those that left its group and
 * those that start in the meantime; false if it gave up. Linux only; does nothing on other systems. watchdog.ts lists
 * the processes that it cannot find.
 */
export const killOrphans = async (commandRun: CommandRun): Promise<boolean> => {
  let unsure = 0
  for (let pass = 0; pass < passesMax; pass += 1) {
    const result = killOrphansOnce(commandRun)
    if (result === 'none') return true
    if (result === 'unsure' && (unsure += 1) > unsurePassesMax) return true
    await sleep(Math.min(pass + 1, passDelayMsMax))
  }
  return false
}

/**
 * The result of a pass. `unsure`: a process has no environment because it is just starting a program, or a process has
 * exited since the pass began and may have started another one.
 */
type PassResult = 'killed' | 'unsure' | 'none'

/** Does one pass of {@link killOrphans} over the processes that exist now. */
export const killOrphansOnce = ({ runId, pid, initialForks }: CommandRun): PassResult => {
  if (process.platform !== 'linux') return 'none'
  const names = listProcessNames()
  if (names === undefined) return 'unsure'
  // Queried after the names, so that it covers all of them.
  const isLater = startedAfterFilter(pid, initialForks)
  let result: PassResult = 'none'
  for (const name of names) {
    const other = Number(name)
    if (!Number.isInteger(other) || other === process.pid || !isLater(other)) continue
    const environment = readIfExists(`/proc/${other}/environ`)
    if (environment === undefined) {
      if (result === 'none' && readIfExists(`/proc/${other}/stat`) === undefined) result = 'unsure'
      continue
    }
    if (environment.length === 0) {
      if (result === 'none' && isStarting(other)) result = 'unsure'
    } else if (environment.includes(`CLAIMLOG_RUN=${runId}`)) {
      kill(other)
      result = 'killed'
    }
  }
  return result
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
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Flags in field 9 of `stat`: kernel threads, and processes that are exiting, such as the watchdog. */
const kernelThread = 0x0020_0000
const exiting = 0x0000_0004

/** True if a process without an environment will get one: it is neither exiting nor a kernel thread. */
const isStarting = (pid: number): boolean => {
  const stat = readIfExists(`/proc/${pid}/stat`)?.toString() ?? ''
  const [state, , , , , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state !== undefined && !['', 'Z', 'X'].includes(state) && (Number(flags) & (kernelThread | exiting)) === 0
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has exited or belongs to another user now.
    return
  }
}
