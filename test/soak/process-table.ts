import { readdirSync, readFileSync } from 'node:fs'

/** A process with a given variable in its environment. */
export type FoundProcess = {
  readonly pid: number
  /** The value of the variable. */
  readonly mark: string
  /** The token of the claim that it runs under; NaN if there is none. */
  readonly token: number
}

/** All running processes with the variable `name` in their environment. */
export const processesWith = (name: string): ReadonlyArray<FoundProcess> =>
  readdirSync('/proc').flatMap(entry => {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) return []
    const environment = `\0${read(`/proc/${pid}/environ`) ?? ''}`
    const mark = settingIn(environment, name)
    return mark === undefined ? [] : [{ pid, mark, token: Number(settingIn(environment, 'CLAIMLOG_TOKEN')) }]
  })

const settingIn = (environment: string, name: string): string | undefined => {
  const at = environment.indexOf(`\0${name}=`)
  if (at === -1) return undefined
  const start = at + name.length + 2
  const end = environment.indexOf('\0', start)
  return environment.slice(start, end === -1 ? undefined : end)
}

/** Describes a process and its state for people. */
export const describeProcess = (pid: number): string => {
  const command = (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim()
  const [state = 'gone'] = fieldsOf(pid)
  return `${pid} (${command.slice(0, 80)}, ${state})`
}

/** The fields of `stat` from the third one, the state. */
const fieldsOf = (pid: number): ReadonlyArray<string> => {
  const stat = read(`/proc/${pid}/stat`) ?? ''
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
export const residentBytes = (pid: number): number | undefined => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? []
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

/** Linux reports processor times in ticks: a hundred per second on every platform of Node. */
const tickMs = 10

/** The processor time of a process and of its reaped children, in milliseconds; undefined if it has exited. */
export const processorMs = (pid: number): number | undefined => {
  // utime, stime, cutime and cstime are the fields 14 to 17.
  const times = fieldsOf(pid).slice(11, 15)
  return times.length === 0 ? undefined : times.reduce((sum, field) => sum + Number(field) * tickMs, 0)
}

/** The number of waits (voluntary context switches) of a process's main thread; undefined if it has exited. */
export const waitsOf = (pid: number): number | undefined => {
  const [, waits] = /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? []
  return waits === undefined ? undefined : Number(waits)
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
