import { spawnSync } from 'node:child_process'
import { it } from 'vitest'

/** Why something cannot be tested on this machine; undefined: it can. */
export type Missing = string | undefined

/**
 * `it` for what needs more than Node: where something is missing, the test is skipped, and its title and a line on
 * stderr say for want of what.
 */
export const itWherePossible =
  (missing: Missing) =>
  (title: string, test: () => Promise<void>, safetyMs?: number): void => {
    if (missing === undefined) return it(title, test, safetyMs)
    process.stderr.write(`not tested here, ${missing}: ${title}\n`)
    it.skip(`${title} (not tested here: ${missing})`, test)
  }

/** Why a program that a test needs cannot be used: it is not there, or it fails at something simple. */
export const programMissing = (command: string, ...words: ReadonlyArray<string>): Missing => {
  const { error, status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (error !== undefined) return `there is no ${command}`
  return status === 0 ? undefined : `${command} fails: ${stderr.trim().split('\n')[0]}`
}
