import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startRefresher } from '@claimlog/queue-file'

/** Where `build.mjs` puts the refresher, as seen from what the published bundles have in common. */
const program = '../claimlog-refresher.js'

/**
 * Has a process of its own bring a large `queue.json` in `dir` up to date: making it takes seconds, which the event loop of
 * a program must not stand still for. undefined: none can be started, and this process has to write it.
 */
export const ownRefresher = (dir: string): (() => Promise<void>) | undefined => {
  const path = refresherPath()
  return path === undefined ? undefined : () => startRefresher({ dir, program: path })
}

const refresherPath = (): string | undefined => {
  // Electron's executable would start the application once more.
  if (process.versions['electron'] !== undefined || !mayStartProcesses()) return undefined
  try {
    const path = fileURLToPath(new URL(program, import.meta.url))
    return existsSync(path) ? path : undefined
  } catch {
    // In a bundle of somebody's own the library is no file, or a module without an address.
    return undefined
  }
}

/** Node's permission model may forbid it. */
const mayStartProcesses = (): boolean => {
  const { permission } = process as { permission?: { has: (scope: string) => boolean } }
  return permission?.has('child') !== false
}
