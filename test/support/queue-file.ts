import { readdirSync, readFileSync } from 'node:fs'
import type { CliWorkspace } from './cli-workspace.ts'

/** The seq up to which `queue.json` is computed. */
export const queueFileSeq = (workspace: CliWorkspace): number =>
  (JSON.parse(workspace.readText('queue.json')) as { seq: number }).seq

/** The pids of all processes that update the file, from any parent, as Linux lists them; on other systems none. */
export const findRefreshers = ({ dir }: CliWorkspace): ReadonlyArray<number> =>
  (process.platform === 'linux' ? readdirSync('/proc') : [])
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        const [, program = '', refresherDir] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return /refresher\.c?js$/.test(program) && refresherDir === dir
      } catch {
        // It has exited in the meantime.
        return false
      }
    })
    .map(Number)

/** Waits for up to 5 minutes, then throws: the process that writes the file runs at low priority. */
export const waitUntil = async (goal: string, condition: () => boolean): Promise<void> => {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries === 3000) throw new Error(`timed out waiting until ${goal}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
