import { spawnSync } from 'node:child_process'
import { it } from 'vitest'

/** The reason why something cannot be tested on this machine; undefined if it can. */
export type MissingReason = string | undefined

/**
 * `it` for tests that need more than Node: if something is missing, the test is skipped, and its title and a line on
 * stderr give the reason.
 */
export const itIfPossible =
  (missing: MissingReason) =>
  (title: string, test: () => Promise<void>, timeoutMs?: number): void => {
    if (missing === undefined) return it(title, test, timeoutMs)
    process.stderr.write(`not tested here, ${missing}: ${title}\n`)
    it.skip(`${title} (not tested here: ${missing})`, test)
  }

/** The reason why a program that a test needs cannot be used: it is not installed, or a trivial call fails. */
export const programMissing = (command: string, ...args: ReadonlyArray<string>): MissingReason => {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) return `there is no ${command}`
  return status === 0 ? undefined : `${command} fails: ${stderr.trim().split('\n')[0]}`
}
