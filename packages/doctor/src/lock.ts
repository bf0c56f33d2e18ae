import { join } from 'node:path'
import { logFileName, type LockProbe, probeLock } from '@claimlog/event-log-file'
import { derivedFiles } from '@claimlog/queue-file'
import type { LockHolder } from '@claimlog/wire'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { processAt, processWithLock, type SeenProcess } from './process-at.ts'

/** Locks are normally held only briefly; one that stays taken this long makes other processes wait. */
const lookMs = 200

/** Checks that the locks of the workspace are free; if not, finds the process that holds them and its state. */
export const checkLock = async (dir: string): Promise<Finding> => {
  const files = [logFileName, derivedFiles.lock]
  const probes = await Promise.all(files.map(file => probeLock(join(dir, file), lookMs)))
  const seen = probes.map((probe, i) => lookAt(files[i] as string, probe))
  const holders = seen.flatMap(({ holder }) => (holder === undefined ? [] : [holder]))
  const flaws = seen.flatMap(({ flaw }) => (flaw === undefined ? [] : [flaw]))
  return {
    ...findingOf('no process is holding a lock', flaws),
    ...(holders.length === 0 ? {} : { holders, looked_ms: lookMs }),
  }
}

type Seen = { readonly flaw?: Flaw; readonly holder?: LockHolder }

const lookAt = (file: string, probe: LockProbe): Seen => {
  switch (probe.lock) {
    case 'free':
      return {}
    case 'unknown':
      // The first process that needs the file creates it.
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
  message: `the state of the lock on ${file} cannot be determined: ${detail}`,
  mend: `make sure that ${file} is a regular file that you may read`,
})

/** Finds the process that took the lock or, if it has ended, one that inherited the lock from it. */
const holderOf = (pid: number | undefined, ino: number): SeenProcess | undefined => {
  if (pid === undefined) return processWithLock(ino)
  const taker = processAt(pid)
  if (taker !== undefined && taker.state !== 'zombie') return taker
  return processWithLock(ino) ?? { pid, command: undefined, state: undefined }
}

const heldWords = (file: string, holder: SeenProcess | undefined): Pick<Flaw, 'message' | 'mend'> => {
  const others = file === logFileName ? 'no other process can write' : 'no other process can update queue.json'
  const held = `held the lock on ${file} for the ${lookMs} ms of this check: ${others}`
  if (holder === undefined)
    return {
      message: `another process ${held}`,
      mend: 'it runs as another user or in another container: search for it there',
    }
  const { pid, command, state } = holder
  const known = [command, state].filter(word => word !== undefined).join('; ')
  return { message: `process ${pid}${known === '' ? '' : ` (${known})`} ${held}`, mend: mendOf(pid, state) }
}

const mendOf = (pid: number, state = ''): string =>
  mends[state]?.(pid) ?? `it may only be busy: run claimlog doctor again, then check what process ${pid} is doing`

/** Hints for a holder that will not release the lock by itself, by its process state. */
const mends: Readonly<Record<string, (pid: number) => string>> = {
  stopped: pid => `it is stopped: kill -CONT ${pid} resumes it`,
  'tracing stop': pid => `a debugger has stopped process ${pid}: resume it there`,
  'disk sleep': pid => `process ${pid} waits for the disk: check the disk`,
}
