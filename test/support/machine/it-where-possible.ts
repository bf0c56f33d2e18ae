import { spawnSync } from 'node:child_process'
import { it } from 'vitest'

/** The reason why something cannot be tested on this machine; undefined if it can. */
export type Missing = string | undefined

/**
 * `it` for tests that need more than Node: if something is missing, the test is skipped, and its title and a line on
 * stderr give the reason.
 */
export const itWherePossible =
  (missing: Missing) =>
  (title: string, test: () => Promise<void>, safetyMs?: number): void => {
    if (missing === undefined) return it(title, test, safetyMs)
    process.stderr.write(`not tested here, ${missing}: ${title}\n`)
    it.skip(`${title} (not tested here: ${missing})`, test)
  }

/** The reason why a program that a test needs cannot be used: it is not installed, or a trivial call fails. */
export const programMissing = (command: string, ...words: ReadonlyArray<string>): Missing => {
  const { error, status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (error !== undefined) return `there is no ${command}`
  return status === 0 ? undefined : `${command} fails: ${stderr.trim().split('\n')[0]}`
}
