import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends the background processes that write the `queue.json` of workspaces under `dir` for the command line and the
 * library: they would run for a while and disturb the next measurement. Without /proc they end by themselves.
 */
export const endRefreshers = (dir: string): void => {
  for (const name of pidsOf()) {
    try {
      const [, program = '', of = ''] = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      if (/refresher\.c?js$/.test(program) && of.startsWith(`${dir}/`)) process.kill(Number(name), 'SIGKILL')
    } catch {
      // It has ended in the meantime.
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
