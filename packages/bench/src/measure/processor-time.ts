import { readFileSync } from 'node:fs'

/** The kernel reports hundredths of a second, whatever its internal unit. */
const ticksPerSecond = 100

/** The user and system time that a process has used, in milliseconds; undefined if the system does not report it. */
export const processorMs = (pid: number): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program comes second, in brackets, and may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}
