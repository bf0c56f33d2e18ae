// A store that listens only to the newest claim. It keeps the highest token it has seen, and takes a write only with that
// one or a higher: a worker that lost its task, and does not know it yet, can no longer overwrite what its successor wrote.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { withLockFile } from '@claimlog/event-log-file'

const read = path => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { token: 0 })

/** Keeps `value` in the file at `path`, unless a claim with a higher token wrote there before; answers whether it did. */
export const store = async (path, token, value) => {
  // Looking and writing are one step: nobody else may come in between.
  const stored = await withLockFile(`${path}.lock`, 10_000, () => {
    if (token < read(path).token) return false
    writeFileSync(`${path}.new`, JSON.stringify({ token, value }))
    renameSync(`${path}.new`, path)
    return true
  })()
  if (stored._tag === 'Left') throw new Error(JSON.stringify(stored.left))
  return stored.right
}
