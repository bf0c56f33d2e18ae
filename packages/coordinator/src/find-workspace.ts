import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'

/** What a workspace's directory is called where no other is named. */
export const defaultDirName = '.claimlog'

/**
 * The workspace's directory: `named`, by `--dir` or `CLAIMLOG_DIR`, else the nearest `.claimlog/` at or above `from`,
 * else `from` or the nearest directory above it that itself holds a log. undefined: there is none.
 */
export const findWorkspace = (named: string | undefined, from: string): string | undefined => {
  if (named !== undefined) return resolve(named)
  const above = upwards(from)
  return above.map(dir => join(dir, defaultDirName)).find(dir => holdsLog(dir)) ?? above.find(dir => holdsLog(dir))
}

const upwards = (from: string): ReadonlyArray<string> => {
  const dirs = [resolve(from)]
  for (let dir = dirname(dirs[0] as string); dir !== dirs.at(-1); dir = dirname(dir)) dirs.push(dir)
  return dirs
}

const holdsLog = (dir: string): boolean => existsSync(join(dir, logFileName))
