import { join } from 'node:path'
import { logFileName, type LockProbe, probeLock } from '@claimlog/event-log-file'
import { derivedFiles } from '@claimlog/queue-file'
import type { LockHolderView } from '@claimlog/wire'
import { type Finding, combineIssues, type Issue } from './finding.ts'
import { findProcess, findLockHolder, type ProcessInfo } from './find-process.ts'

/** Locks are normally held only briefly; one that stays taken this long makes other processes wait. */
const probeMs = 200

/** Checks that the locks of the workspace are free; if not, finds the process that holds them and its state. */
export const checkLock = async (dir: string): Promise<Finding> => {
  const files = [logFileName, derivedFiles.lock]
  const probes = await Promise.all(files.map(file => probeLock(join(dir, file), probeMs)))
  const statuses = probes.map((probe, i) => inspectLock(files[i] as string, probe))
  const holders = statuses.flatMap(({ holder }) => (holder === undefined ? [] : [holder]))
  const issues = statuses.flatMap(({ issue }) => (issue === undefined ? [] : [issue]))
  return {
    ...combineIssues('no process is holding a lock', issues),
    ...(holders.length === 0 ? {} : { holders, looked_ms: probeMs }),
  }
}

type LockStatus = { readonly issue?: Issue; readonly holder?: LockHolderView }

const inspectLock = (file: string, probe: LockProbe): LockStatus => {
  switch (probe._tag) {
    case 'free':
      return {}
    case 'unknown':
      // The first process that needs the file creates it.
      if (probe.code === 'ENOENT') return {}
      return { issue: unknownIssue(file, probe.detail) }
    case 'held': {
      const holder = findHolder(probe.holderPid, probe.ino)
      return {
        issue: { state: 'warning', ...heldMessage(file, holder) },
        holder: { file, ...holder },
      }
    }
  }
}

const unknownIssue = (file: string, detail: string): Issue => ({
  state: 'warning',
  message: `the state of the lock on ${file} cannot be determined: ${detail}`,
  mend: `make sure that ${file} is a regular file that you may read`,
})

/** Finds the process that took the lock or, if it has ended, one that inherited the lock from it. */
const findHolder = (pid: number | undefined, ino: number): ProcessInfo | undefined => {
  if (pid === undefined) return findLockHolder(ino)
  const lockOwner = findProcess(pid)
  if (lockOwner !== undefined && lockOwner.state !== 'zombie') return lockOwner
  return findLockHolder(ino) ?? { pid, command: undefined, state: undefined }
}

const heldMessage = (file: string, holder: ProcessInfo | undefined): Pick<Issue, 'message' | 'mend'> => {
  const effect = file === logFileName ? 'no other process can write' : 'no other process can update queue.json'
  const heldText = `held the lock on ${file} for the ${probeMs} ms of this check: ${effect}`
  if (holder === undefined)
    return {
      message: `another process ${heldText}`,
      mend: 'it runs as another user or in another container: search for it there',
    }
  const { pid, command, state } = holder
  const details = [command, state].filter(word => word !== undefined).join('; ')
  return { message: `process ${pid}${details === '' ? '' : ` (${details})`} ${heldText}`, mend: holderHint(pid, state) }
}

const holderHint = (pid: number, state = ''): string =>
  hintsByState[state]?.(pid) ??
  `it may only be busy: run claimlog doctor again, then check what process ${pid} is doing`

/** Hints for a holder that will not release the lock by itself, by its process state. */
const hintsByState: Readonly<Record<string, (pid: number) => string>> = {
  stopped: pid => `it is stopped: kill -CONT ${pid} resumes it`,
  'tracing stop': pid => `a debugger has stopped process ${pid}: resume it there`,
  'disk sleep': pid => `process ${pid} waits for the disk: check the disk`,
}
