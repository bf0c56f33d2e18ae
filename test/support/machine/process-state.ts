import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again, some milliseconds apart, until the answer is yes. */
type Until = (isSo: () => boolean) => Promise<unknown>

/** Resolves once the process watches a file for changes, and has looked at it since. */
export const untilWatching = async (pid: number, until: Until): Promise<void> => {
  await untilOrAWhile(() => until(() => hasWatch(pid)))
  // It looks once more after it has begun to watch, however long the machine keeps it from that.
  await untilAtRest(pid, until)
}

/** Resolves once the process does nothing but wait. */
export const untilAtRest = (pid: number, until: Until): Promise<void> => untilOrAWhile(() => until(atRest(pid)))

/** If the system does not tell what a process does, all of it takes a while. */
const untilOrAWhile = async (wait: () => Promise<unknown>): Promise<void> => {
  await (process.platform === 'linux' ? wait() : sleep(2000))
}

/** How many looks in a row must find a process asleep. */
const looksAtRest = 10

/** To be asked again and again: whether no thread of the process has run between the last looks, and none is to run. */
const atRest = (pid: number): (() => boolean) => {
  let [before, same] = ['', 0]
  return () => {
    const threads = sleepingThreads(pid)
    same = threads !== undefined && threads === before ? same + 1 : 0
    before = threads ?? ''
    return same >= looksAtRest
  }
}

/** How often each thread of the process was switched to and from; undefined if one of them runs or is about to. */
const sleepingThreads = (pid: number): string | undefined => {
  const statuses = threadsOf(pid)
  if (!areAll(statuses, 'S')) return undefined
  return statuses.map(status => status.match(/^\w*ctxt_switches:\t\d+$/gm)?.join()).join()
}

/** What `/proc` says of each thread of the process; nothing if one has ended meanwhile. */
const threadsOf = (pid: number): ReadonlyArray<string> => {
  try {
    const tasks = `/proc/${pid}/task`
    return readdirSync(tasks).map(thread => readFileSync(`${tasks}/${thread}/status`, 'utf8'))
  } catch {
    return []
  }
}

const areAll = (statuses: ReadonlyArray<string>, state: 'S' | 'T'): boolean =>
  statuses.length > 0 && statuses.every(status => status.includes(`\nState:\t${state}`))

/** Whether the process has the system tell it of changes to a file. */
const hasWatch = (pid: number): boolean => {
  try {
    const fds = `/proc/${pid}/fd`
    return readdirSync(fds).some(fd => readlinkSync(`${fds}/${fd}`) === 'anon_inode:inotify')
  } catch {
    // It has opened or closed something meanwhile, or has ended.
    return false
  }
}

/** Whether the process has the lock of a file. Workers and servers have those of files of their own for as long as they live. */
export const hasLock = (pid: number, path: string): boolean =>
  new RegExp(`^\\d+: FLOCK .* ${pid} \\S+:${statSync(path).ino} `, 'm').test(readFileSync('/proc/locks', 'utf8'))

/**
 * Stops the process while it does not have the lock of the file, which others then can take. If the system does not tell
 * of locks, it is stopped wherever it is.
 */
export const stopWithoutLock = async (pid: number, path: string): Promise<void> => {
  for (;;) {
    process.kill(pid, 'SIGSTOP')
    if (process.platform !== 'linux') return
    while (!areAll(threadsOf(pid), 'T')) await sleep(1)
    if (!hasLock(pid, path)) return
    process.kill(pid, 'SIGCONT')
    await sleep(1)
  }
}
