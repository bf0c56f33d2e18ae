import { spawnSync } from 'node:child_process'
import { plainEnvironment } from './machine.ts'
import { nowMs } from './measuring.ts'

/** A process of this very Node from its start to its end, in milliseconds. Throws unless it ends with code 0. */
export const wholeProcess = (
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {},
): number => {
  const env = plainEnvironment(environment)
  const startedAt = nowMs()
  const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const tookMs = nowMs() - startedAt
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  return tookMs
}

/** The least that any program on Node takes. */
export const bareNode = (): number => wholeProcess(['-e', '0'])
