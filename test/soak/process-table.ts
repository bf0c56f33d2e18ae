import { readdirSync, readFileSync } from 'node:fs'

/** A process with a given variable in its environment. */
export type MarkedProcess = {
  readonly pid: number
  /** The value of the variable. */
  readonly marker: string
  /** The token of the claim that it runs under; NaN if there is none. */
  readonly token: number
}

/** All running processes with the variable `name` in their environment. */
export const findProcesses = (name: string): ReadonlyArray<MarkedProcess> =>
  readdirSync('/proc').flatMap(entry => {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) return []
    const environment = `\0${readOrUndefined(`/proc/${pid}/environ`) ?? ''}`
    const marker = readVariable(environment, name)
    return marker === undefined ? [] : [{ pid, marker, token: Number(readVariable(environment, 'CLAIMLOG_TOKEN')) }]
  })

const readVariable = (environment: string, name: string): string | undefined => {
  const index = environment.indexOf(`\0${name}=`)
  if (index === -1) return undefined
  const start = index + name.length + 2
  const end = environment.indexOf('\0', start)
  return environment.slice(start, end === -1 ? undefined : end)
}

/** Describes a process and its state for people. */
export const describeProcess = (pid: number): string => {
  const command = (readOrUndefined(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
  const [state = 'gone'] = readStatFields(pid)
  return `${pid} (${command.slice(0, 80)}, ${state})`
}

/** The fields of `stat` from the third one, the state. */
const readStatFields = (pid: number): ReadonlyArray<string> => {
  const stat = readOrUndefined(`/proc/${pid}/stat`) ?? ''
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Kills a process, if it still exists. */
export const killProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has exited.
    return
  }
}

/** The resident memory of a process in bytes; undefined if it has exited. */
export const readResidentBytes = (pid: number): number | undefined => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readOrUndefined(`/proc/${pid}/status`) ?? '') ?? []
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

/** Linux reports processor times in ticks: a hundred per second on every platform of Node. */
const tickMs = 10

/** The processor time of a process and of its reaped children, in milliseconds; undefined if it has exited. */
export const readProcessorMs = (pid: number): number | undefined => {
  // utime, stime, cutime and cstime are the fields 14 to 17.
  const times = readStatFields(pid).slice(11, 15)
  return times.length === 0 ? undefined : times.reduce((sum, field) => sum + Number(field) * tickMs, 0)
}

/** The number of waits (voluntary context switches) of a process's main thread; undefined if it has exited. */
export const countWaits = (pid: number): number | undefined => {
  const [, waits] = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readOrUndefined(`/proc/${pid}/status`) ?? '') ?? []
  return waits === undefined ? undefined : Number(waits)
}

const readOrUndefined = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
