import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The built programs of a checkout, and where they are in earlier ones. */
const places = {
  commandLine: ['claimlog/bin/claimlog.cjs', 'cli/bin/claimlog.cjs'],
  library: ['claimlog/dist/index.mjs', 'client/dist/published/index.js', 'coordinator/dist/published/index.js'],
} as const

/** The path of a built program of `checkout`; undefined if it is not there. */
export const findProgram = (checkout: string, program: keyof typeof places): string | undefined =>
  places[program].map(place => join(checkout, 'packages', place)).find(path => existsSync(path))

/** The same for a checkout that is built. */
export const programPath = (checkout: string, program: keyof typeof places): string => {
  const path = findProgram(checkout, program)
  if (path === undefined) throw new Error(`${checkout} is not a built checkout`)
  return path
}
