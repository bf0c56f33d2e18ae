import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measuredEnvironment } from '../measure/machine.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import { programPath } from './checkout.ts'
import { timeProcess } from '../processes/timed-process.ts'

const program = fileURLToPath(new URL('./library-process.js', import.meta.url))

/** Processor time of a claim and its completion through the library of `checkout`, in microseconds. */
export const measureLibrary = (checkout: string, scratch: string): number => {
  const dir = join(scratch, 'library')
  const output = execFileSync(process.execPath, [program, checkout, dir], {
    encoding: 'utf8',
    env: measuredEnvironment(),
  })
  removeDir(dir)
  return Number(output)
}

/** Commands per sample: one whole process is too short to time. */
const claimsPerSample = 10

/** Time of a claim on the command line of `checkout`, from process start to exit, in milliseconds. */
export const measureCommandLine = (checkout: string, scratch: string): number => {
  const dir = join(scratch, 'command-line')
  const claimlog = (...words: ReadonlyArray<string>): number =>
    timeProcess({
      args: [programPath(checkout, 'commandLine'), '--dir', dir, ...words],
      environment: {},
    })
  claimlog('init', dir)
  for (let task = 0; task < claimsPerSample; task += 1) claimlog('add', 'docs')
  let tookMs = 0
  for (let claim = 0; claim < claimsPerSample; claim += 1) tookMs += claimlog('claim', 'ann')
  removeDir(dir)
  return tookMs / claimsPerSample
}
