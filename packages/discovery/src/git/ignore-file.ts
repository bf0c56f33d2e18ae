import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemErrorCode } from '@claimlog/event-log-file'

export const ignoreFileName = '.gitignore'

/** For a directory that is only a workspace. */
export const ignoreAll: ReadonlyArray<string> = ['*']

/** For a directory with other files: the files of a workspace, and nothing more. */
export const ignoreOwnFiles: ReadonlyArray<string> = [
  '/events.jsonl*',
  '/events.torn',
  '/events.unsynced',
  '/events.quarantine*',
  '/events.side-*',
  '/events.copied*',
  '/queue.json',
  '/queue.edited*',
  '/queue.ahead*',
  '/derived/',
]

/**
 * The same for a new `.gitignore`, which ignores itself until it is committed: `stash -u` and `clean -fd` remove a file
 * that git sees and does not track, and the next one would then remove the queue.
 */
export const ignoreOwnFilesAndItself: ReadonlyArray<string> = [
  ...ignoreOwnFiles,
  '# git stash -u and git clean remove an untracked .gitignore, and then the queue. To share it, git add -f .gitignore',
  `/${ignoreFileName}`,
]

/** True if a file of a workspace may have this name. */
export const isOwnFile = (name: string): boolean =>
  name === ignoreFileName ||
  /^(events\.(jsonl|torn|unsynced|quarantine|side-|copied)|queue\.((edited|ahead)\.)?(\d+\.)?json$|derived$)/.test(name)

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

/** Writes and syncs `.gitignore` in `dir`; an existing one is not changed. Throws the errors of the disk. */
export const writeIgnoreFile = (dir: string, patterns: ReadonlyArray<string>): void => {
  const path = join(dir, ignoreFileName)
  let fd: number
  try {
    fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'EEXIST') return
    throw thrown
  }
  try {
    writeSync(fd, patterns.map(pattern => `${pattern}\n`).join(''))
    fsyncSync(fd)
  } catch (thrown) {
    unlinkSync(path)
    throw thrown
  } finally {
    closeSync(fd)
  }
}
