import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A command whose processes are looked for. */
export type Traced = {
  /** What `CLAIMLOG_RUN` was set to for it. */
  readonly run: string
  /** Its pid. Processes are numbered in the order they are started, so only later ones can be its own. */
  readonly pid: number
  /** {@link forksSoFar} before it was started. */
  readonly forksBefore: number | undefined
}

/** Passes after which a process that does not die, or that shows no environment, is left alone. */
const mostPasses = 100
const mostUnsurePasses = 5

const mostUntilNextPassMs = 10

/**
 * Kills all processes that have the run of a command in their environment, also those that left its group, and those that
 * they start in the meantime; false where it gave up. Linux only; elsewhere nothing is done. What is not found is told in
 * guard.ts.
 */
export const killEscaped = async (traced: Traced): Promise<boolean> => {
  let unsure = 0
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const seen = killSeen(traced)
    if (seen === 'none') return true
    if (seen === 'unsure' && (unsure += 1) > mostUnsurePasses) return true
    await sleep(Math.min(pass + 1, mostUntilNextPassMs))
  }
  return false
}

/**
 * What a pass came upon; `unsure`: processes that are starting a program just now, and have no environment yet, or that
 * have ended since the pass began, and may have started another one that it does not know of.
 */
type Seen = 'killed' | 'unsure' | 'none'

/** One pass of {@link killEscaped}: all that are there at this moment. */
export const killSeen = ({ run, pid, forksBefore }: Traced): Seen => {
  if (process.platform !== 'linux') return 'none'
  const names = processNames()
  if (names === undefined) return 'unsure'
  // Asked afterwards: all that are named were started before.
  const isLater = laterThan(pid, forksBefore)
  let seen: Seen = 'none'
  for (const name of names) {
    const other = Number(name)
    if (!Number.isInteger(other) || other === process.pid || !isLater(other)) continue
    const environment = read(`/proc/${other}/environ`)
    if (environment === undefined) {
      if (seen === 'none' && read(`/proc/${other}/stat`) === undefined) seen = 'unsure'
      continue
    }
    if (environment.length === 0) {
      if (seen === 'none' && isStarting(other)) seen = 'unsure'
    } else if (environment.includes(`CLAIMLOG_RUN=${run}`)) {
      kill(other)
      seen = 'killed'
    }
  }
  return seen
}

/** undefined: it cannot be read now, as too many files are open. */
const processNames = (): ReadonlyArray<string> | undefined => {
  try {
    return readdirSync('/proc')
  } catch {
    return undefined
  }
}

/** How many processes and threads the system has started since it runs; undefined where it does not say. */
export const forksSoFar = (): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const [, forks] = /^processes (\d+)$/m.exec(read('/proc/stat')?.toString() ?? '') ?? []
  return forks === undefined ? undefined : Number(forks)
}

/**
 * Whether a process may have been started after `pid` was. Looking into each process of a busy machine takes tens of
 * milliseconds, and this spares most of it. Where numbers may have been given for a second time since, all may be.
 */
const laterThan = (pid: number, forksBefore: number | undefined): ((other: number) => boolean) => {
  const forks = (forksSoFar() ?? NaN) - (forksBefore ?? NaN)
  const last = Number(read('/proc/loadavg')?.toString().trim().split(' ').at(-1))
  const most = Number(read('/proc/sys/kernel/pid_max')?.toString())
  // Numbers in use are passed over, so the last one may be further on than the forks are many. Our own was one of them.
  const isOneRound = forks > 0 && forks < most / 2 && last > 0
  if (!isOneRound) return () => true
  return last >= pid ? other => other > pid && other <= last : other => other > pid || other <= last
}

const read = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** Told in field 9 of `stat`: processes of the kernel's own, and those that are ending, as the guard is. */
const kernelThread = 0x0020_0000
const exiting = 0x0000_0004

/** Whether a process without an environment is to have one: it is neither dying nor the kernel's. */
const isStarting = (pid: number): boolean => {
  const stat = read(`/proc/${pid}/stat`)?.toString() ?? ''
  const [state, , , , , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state !== undefined && !['', 'Z', 'X'].includes(state) && (Number(flags) & (kernelThread | exiting)) === 0
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone, or no longer this user's.
    return
  }
}
