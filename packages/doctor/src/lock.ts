import { join } from 'node:path'
import { logFileName, type LockProbe, probeLock } from '@claimlog/event-log-file'
import { derivedFiles } from '@claimlog/queue-file'
import type { LockHolder } from '@claimlog/wire'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { processAt, processWithLock, type SeenProcess } from './process-at.ts'

/** A lock is held for an instant as a rule; one that is never free for so long keeps others waiting. */
const lookMs = 200

/** Whether the locks under which the workspace is written are free, and if not, who has them and what that process does. */
export const checkLock = async (dir: string): Promise<Finding> => {
  const files = [logFileName, derivedFiles.lock]
  const probes = await Promise.all(files.map(file => probeLock(join(dir, file), lookMs)))
  const seen = probes.map((probe, i) => lookAt(files[i] as string, probe))
  const holders = seen.flatMap(({ holder }) => (holder === undefined ? [] : [holder]))
  const flaws = seen.flatMap(({ flaw }) => (flaw === undefined ? [] : [flaw]))
  return {
    ...findingOf('nobody holds the locks for longer than an instant', flaws),
    ...(holders.length === 0 ? {} : { holders, looked_ms: lookMs }),
  }
}

type Seen = { readonly flaw?: Flaw; readonly holder?: LockHolder }

const lookAt = (file: string, probe: LockProbe): Seen => {
  switch (probe.lock) {
    case 'free':
      return {}
    case 'unknown':
      // It is made by the first who needs it.
      if (probe.code === 'ENOENT') return {}
      return { flaw: unknown(file, probe.detail) }
    case 'held': {
      const holder = holderOf(probe.holderPid, probe.ino)
      return {
        flaw: { state: 'warning', ...heldWords(file, holder) },
        holder: { file, ...holder },
      }
    }
  }
}

const unknown = (file: string, detail: string): Flaw => ({
  state: 'warning',
  message: `whether somebody holds the lock of ${file} cannot be told: ${detail}`,
  mend: `see that ${file} is a regular file that you may read`,
})

/** Whoever took it or, where that process has ended, one that got it from there. */
const holderOf = (pid: number | undefined, ino: number): SeenProcess | undefined => {
  if (pid === undefined) return processWithLock(ino)
  const taker = processAt(pid)
  if (taker !== undefined && taker.state !== 'zombie') return taker
  return processWithLock(ino) ?? { pid, command: undefined, state: undefined }
}

const heldWords = (file: string, holder: SeenProcess | undefined): Pick<Flaw, 'message' | 'mend'> => {
  const others = file === logFileName ? 'nobody else can write' : 'nobody else can bring queue.json up to date'
  const held = `has held the lock of ${file} for the ${lookMs} ms that were looked: ${others}`
  if (holder === undefined)
    return {
      message: `another process ${held}`,
      mend: 'it runs as another user or in another container: look for it there',
    }
  const { pid, command, state } = holder
  const known = [command, state].filter(word => word !== undefined).join('; ')
  return { message: `process ${pid}${known === '' ? '' : ` (${known})`} ${held}`, mend: mendOf(pid, state) }
}

const mendOf = (pid: number, state = ''): string =>
  mends[state]?.(pid) ?? `it may only be busy: look again, then see what process ${pid} is doing`

/** What to do about a holder that will not let go by itself, by what the system says it is doing. */
const mends: Readonly<Record<string, (pid: number) => string>> = {
  stopped: pid => `it is stopped: kill -CONT ${pid} lets it go on`,
  'tracing stop': pid => `a debugger has stopped process ${pid}: let it go on there`,
  'disk sleep': pid => `process ${pid} waits for the disk: see what the disk is doing`,
}
