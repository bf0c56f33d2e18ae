import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startRefresher } from '@claimlog/queue-file'

/** The path of the refresher, relative to the bundle of the library. No other program has this name by accident. */
const program = './claimlog-refresher.cjs'

/**
 * Returns a function that starts a process to update a large `queue.json` in `dir`: writing it takes seconds and would
 * block the event loop. undefined if no process can be started, and this process must write the file.
 */
export const findRefresher = (dir: string): (() => Promise<void>) | undefined => {
  const path = refresherPath()
  return path === undefined ? undefined : () => startRefresher({ dir, program: path })
}

const refresherPath = (): string | undefined => {
  // Electron's executable would start the application again.
  if (process.versions['electron'] !== undefined || !mayStartProcesses()) return undefined
  try {
    const path = fileURLToPath(new URL(program, import.meta.url))
    return existsSync(path) ? path : undefined
  } catch {
    // In a third-party bundle the library is no separate file, or its module has no URL.
    return undefined
  }
}

/** False if Node's permission model forbids child processes. */
const mayStartProcesses = (): boolean => {
  const { permission } = process as { permission?: { has: (scope: string) => boolean } }
  return permission?.has('child') !== false
}
