import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * True if the shell waits for this process, so that it has the terminal for itself. In the background, other processes draw on
 * the same terminal: an interactive shell gives each job its own process group, a script gives it `/dev/null` as stdin.
 */
export const isForeground = (): boolean => {
  if (!isatty(0)) return false
  try {
    const [group, foregroundGroup] = process.platform === 'linux' ? readGroups() : askForGroups()
    return group === foregroundGroup
  } catch {
    return true
  }
}

/** The process group and the terminal's foreground group. They follow the command name, which may contain anything. */
const readGroups = (): ReadonlyArray<string | undefined> => {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const [, , group, , , foregroundGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [group, foregroundGroup]
}

const askForGroups = (): ReadonlyArray<string | undefined> =>
  execFileSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
