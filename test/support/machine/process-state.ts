import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Polls the condition every few milliseconds until it is true. */
type Poll = (condition: () => boolean) => Promise<unknown>

/** Resolves once the process watches a file for changes and has read it after it started to watch. */
export const waitUntilWatching = async (pid: number, poll: Poll): Promise<void> => {
  await waitIfLinux(() => poll(() => hasWatch(pid)))
  // It reads the file again after it has started to watch, which a busy machine may delay.
  await waitUntilAsleep(pid, poll)
}

/** Resolves once all threads of the process sleep. */
export const waitUntilAsleep = (pid: number, poll: Poll): Promise<void> => waitIfLinux(() => poll(asleepCondition(pid)))

/** Sleeps for two seconds on systems that do not show the state of a process. */
const waitIfLinux = async (wait: () => Promise<unknown>): Promise<void> => {
  await (process.platform === 'linux' ? wait() : sleep(2000))
}

/** The number of consecutive polls that must find a process asleep. */
const sleepingPollsMin = 10

/** Returns a condition to poll: true once no thread of the process has run between the last polls or is runnable. */
const asleepCondition = (pid: number): (() => boolean) => {
  let [previousSwitches, unchangedPolls] = ['', 0]
  return () => {
    const threads = countSwitches(pid)
    unchangedPolls = threads !== undefined && threads === previousSwitches ? unchangedPolls + 1 : 0
    previousSwitches = threads ?? ''
    return unchangedPolls >= sleepingPollsMin
  }
}

/** The numbers of context switches of each thread; undefined if a thread is running or runnable. */
const countSwitches = (pid: number): string | undefined => {
  const statuses = readThreads(pid)
  if (!areAllInState(statuses, 'S')) return undefined
  return statuses.map(status => status.match(/^\w*ctxt_switches:\t\d+$/gm)?.join()).join()
}

/** The `/proc` status of each thread of the process; empty if a thread has exited in the meantime. */
const readThreads = (pid: number): ReadonlyArray<string> => {
  try {
    const tasks = `/proc/${pid}/task`
    return readdirSync(tasks).map(thread => readFileSync(`${tasks}/${thread}/status`, 'utf8'))
  } catch {
    return []
  }
}

const areAllInState = (statuses: ReadonlyArray<string>, state: 'S' | 'T'): boolean =>
  statuses.length > 0 && statuses.every(status => status.includes(`\nState:\t${state}`))

/** True if the process watches a file with inotify. */
const hasWatch = (pid: number): boolean => {
  try {
    const fds = `/proc/${pid}/fd`
    return readdirSync(fds).some(fd => readlinkSync(`${fds}/${fd}`) === 'anon_inode:inotify')
  } catch {
    // It has opened or closed a file in the meantime, or has exited.
    return false
  }
}

/** True if the process has the lock of this file. Workers and servers also have locks of other files while they run. */
export const hasLock = (pid: number, path: string): boolean =>
  new RegExp(`^\\d+: FLOCK .* ${pid} \\S+:${statSync(path).ino} `, 'm').test(readFileSync('/proc/locks', 'utf8'))

/**
 * Stops the process at a time when it does not have the lock of the file, so that others can take it. On systems that
 * do not list locks, the process is stopped at any time.
 */
export const stopWithoutLock = async (pid: number, path: string): Promise<void> => {
  for (;;) {
    process.kill(pid, 'SIGSTOP')
    if (process.platform !== 'linux') return
    while (!areAllInState(readThreads(pid), 'T')) await sleep(1)
    if (!hasLock(pid, path)) return
    process.kill(pid, 'SIGCONT')
    await sleep(1)
  }
}
