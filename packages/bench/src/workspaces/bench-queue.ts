import { fileURLToPath } from 'node:url'
import { type LocalOptions, type LocalQueue, openLocalQueue, startRefresher } from '@claimlog/client/unstable-internals'
import { plainEnvironment } from '../measure/machine.ts'

/** A worker leaves a large `queue.json` to the process that the command line leaves it to. */
const program = fileURLToPath(new URL('../../../cli/dist/refresher.cjs', import.meta.url))

/** The kind of the tasks that are claimed in a measurement. */
export const benchKind = 'docs'

/** A right, or an exception: here nothing is expected to go wrong. */
export const rightOf = <A>(
  either: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (either._tag === 'Right') return either.right
  throw new Error(`not expected in a measurement: ${JSON.stringify(either.left)}`)
}

type BenchOptions = Pick<LocalOptions, 'durability' | 'onWake'>

/**
 * Opens the queue in `dir` as a program of ours that runs for long does: `queue.json` follows within a moment, not at every
 * answer. The state is read.
 */
export const openBenchQueue = async (dir: string, options: BenchOptions): Promise<LocalQueue> => {
  // That another process is at the file, or that the workspace of a trial was deleted, is nothing to tell of.
  const notify = (): void => undefined
  const refreshElsewhere = (): void => void startRefresher({ dir, program, env: plainEnvironment() })
  const opened = await openLocalQueue({ dir, notify, mode: 'coalesced', refreshElsewhere, ...options })()
  const { queue } = rightOf(opened)
  rightOf(await queue.query(state => state.seq)())
  return queue
}

/** Leaves the queue in `dir` as one in use is: whoever opens it need not read its log from the first line. */
export const settleDown = async (dir: string): Promise<void> => {
  const queue = await openBenchQueue(dir, { durability: 'os' })
  await queue.close()
}
