// Reads the help of the built command line as JSON.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const claimlogPath = fileURLToPath(new URL('../../../packages/claimlog/bin/claimlog.cjs', import.meta.url))

/** The document that `claimlog help <topic> --json` prints. */
export const readHelp = (...topic) =>
  JSON.parse(execFileSync(process.execPath, [claimlogPath, 'help', ...topic, '--json'], { encoding: 'utf8' }))
