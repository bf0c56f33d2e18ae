import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { derivedFiles } from '@claimlog/coordinator/workspace'
import { plainEnvironment } from './machine.ts'

const program = fileURLToPath(new URL('../../cli/dist/refresher.cjs', import.meta.url))

/** One that was started so lately is at it. */
const startingMs = 3000

/** Has a large `queue.json` brought up to date by a process of its own, as the command line does: a worker writes none. */
export const startRefresher = (dir: string): void => {
  const startedAtMs = statSync(join(dir, derivedFiles.refresher), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (Date.now() - startedAtMs < startingMs) return
  spawn(process.execPath, [program, dir], { cwd: '/', detached: true, stdio: 'ignore', env: plainEnvironment() })
    .on('error', () => undefined)
    .unref()
}
