import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends the processes that the command line has left to write the `queue.json` of workspaces under `dir`: they would go on
 * for a while, and disturb what is measured next. Where there is no /proc they end by themselves.
 */
export const endRefreshers = (dir: string): void => {
  for (const name of pidsOf()) {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      if (words[1]?.endsWith('refresher.cjs') && words[2]?.startsWith(`${dir}/`)) process.kill(Number(name), 'SIGKILL')
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
