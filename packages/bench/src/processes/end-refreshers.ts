import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends the background processes that write the `queue.json` of workspaces under `dir` for the command line and the
 * library: they would run for a while and disturb the next measurement. Without /proc they end by themselves.
 */
export const endRefreshers = (dir: string): void => {
  for (const pid of listPids()) {
    try {
      const [, program = '', workspaceDir = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      if (/refresher\.c?js$/.test(program) && workspaceDir.startsWith(`${dir}/`)) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended in the meantime.
    }
  }
}

const listPids = (): ReadonlyArray<string> => {
  try {
    return readdirSync('/proc').filter(pid => /^\d+$/.test(pid))
  } catch {
    return []
  }
}
