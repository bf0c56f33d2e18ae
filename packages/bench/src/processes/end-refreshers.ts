import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends the processes that the command line and the library have left to write the `queue.json` of workspaces under `dir`:
 * they would go on for a while, and disturb what is measured next. Where there is no /proc they end by themselves.
 */
export const endRefreshers = (dir: string): void => {
  for (const name of pidsOf()) {
    try {
      const [, program = '', of = ''] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      if (/refresher\.c?js$/.test(program) && of.startsWith(`${dir}/`)) process.kill(Number(name), 'SIGKILL')
    } catch {
      // It has ended since.
    }
  }
}

const pidsOf = (): ReadonlyArray<string> => {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch {
    return []
  }
}
