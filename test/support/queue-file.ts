import { readdirSync, readFileSync } from 'node:fs'
import type { CliWorkspace } from './cli-workspace.ts'

/** The seq of the log that `queue.json` says it is of. */
export const seqOfFile = (workspace: CliWorkspace): number =>
  (JSON.parse(workspace.text('queue.json')) as { seq: number }).seq

/** The processes that bring the file up to date, whoever started them, as Linux lists them; on other systems none. */
export const refreshersOf = ({ dir }: CliWorkspace): ReadonlyArray<number> =>
  (process.platform === 'linux' ? readdirSync('/proc') : [])
    .filter(name => /^\d+$/.test(name))
    .filter(pid => {
      try {
        const [, program = '', of] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return /refresher\.c?js$/.test(program) && of === dir
      } catch {
        // It has ended since.
        return false
      }
    })
    .map(Number)

/** Waits until something is so, and throws where it never is: whoever writes the file gives way to all others on the machine. */
export const until = async (what: string, isSo: () => boolean): Promise<void> => {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 3000) throw new Error(`it never came to this: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
