// A store that uses fencing tokens. It remembers the highest token that it has seen, and accepts a write only with that
// token or a higher one: a worker whose lease has expired cannot overwrite the value of the next holder.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { withLockFile } from '@claimlog/event-log-file'

const readStore = path => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { token: 0 })

/**
 * Writes `value` to the file at `path`, unless a claim with a higher token has written it; returns true if it wrote.
 */
export const writeIfNewest = async (path, token, value) => {
  // The lock makes the check and the write one atomic step.
  const stored = await withLockFile(`${path}.lock`, 10_000, () => {
    if (token < readStore(path).token) return false
    writeFileSync(`${path}.new`, JSON.stringify({ token, value }))
    renameSync(`${path}.new`, path)
    return true
  })()
  if (stored._tag === 'Left') throw new Error(JSON.stringify(stored.left))
  return stored.right
}
