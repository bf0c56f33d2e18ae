import { readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second for whoever asks, whatever it counts in itself. */
const ticksPerSecond = 100

/** The processor time that a process has used, its own and the system's for it; undefined where the system does not tell. */
export const processorMs = (pid: number): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program comes second, in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
}
