import { readdirSync, readFileSync } from 'node:fs'
import type { CliWorkspace } from './cli-workspace.ts'

/** The seq up to which `queue.json` is computed. */
export const seqOfFile = (workspace: CliWorkspace): number =>
  (JSON.parse(workspace.text('queue.json')) as { seq: number }).seq

/** The pids of all processes that update the file, from any parent, as Linux lists them; on other systems none. */
export const refreshersOf = ({ dir }: CliWorkspace): ReadonlyArray<number> =>
  (process.platform === 'linux' ? readdirSync('/proc') : [])
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        const [, program = '', of] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return /refresher\.c?js$/.test(program) && of === dir
      } catch {
        // It has exited in the meantime.
        return false
      }
    })
    .map(Number)

/** Waits for up to 5 minutes, then throws: the process that writes the file runs at low priority. */
export const until = async (what: string, isSo: () => boolean): Promise<void> => {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 3000) throw new Error(`timed out waiting until ${what}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
