import { readFileSync, statfsSync } from 'node:fs'
import { cpus, release, totalmem, type as systemName } from 'node:os'

/** The machine of a run. Figures of two machines cannot be compared; ratios to the lower bounds of each can. */
export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly kernel: string
  readonly fileSystem: string
  readonly date: string
  /** Node 20 reads the file of NODE_EXTRA_CA_CERTS at every start, which takes 30 ms: it is unset when measuring. */
  readonly extraCaCertsUnset: boolean
}

/** Describes the machine and the file system of `dir`. */
export const describeMachine = (dir: string): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  kernel: `${systemName()} ${release()}`,
  fileSystem: describeFileSystem(dir),
  date: new Date().toISOString(),
  extraCaCertsUnset: process.env['NODE_EXTRA_CA_CERTS'] !== undefined,
})

/** The environment of measured processes. */
export const measuredEnvironment = (additions: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_EXTRA_CA_CERTS: undefined,
  NODE_OPTIONS: undefined,
  CLAIMLOG_LOG: undefined,
  ...additions,
})

/** The share of all cores that was busy, from 0 to 1, during the next `durationMs`. */
export const measureBusy = async (durationMs: number): Promise<number> => {
  const before = sumTimes()
  await new Promise(resolve => setTimeout(resolve, durationMs))
  const after = sumTimes()
  return 1 - (after.idle - before.idle) / (after.total - before.total)
}

const sumTimes = (): { readonly idle: number; readonly total: number } => {
  const times = cpus().map(cpu => cpu.times)
  const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
  return { idle: sum(times.map(({ idle }) => idle)), total: sum(times.flatMap(time => Object.values(time))) }
}

const describeFileSystem = (dir: string): string => {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map(line => line.split(' '))
      .filter(
        ([, mountPoint = '']) =>
          dir === mountPoint || dir.startsWith(mountPoint.endsWith('/') ? mountPoint : `${mountPoint}/`),
      )
      .sort(([, a = ''], [, b = '']) => a.length - b.length)
    const [device = '', , name = ''] = mounts.at(-1) ?? []
    if (name !== '') return `${name} (${device})`
  } catch {
    // Not Linux: only a number is available.
  }
  return `type 0x${statfsSync(dir).type.toString(16)}`
}
