import { fileURLToPath } from 'node:url'
import { type LocalOptions, type LocalQueue, openLocalQueue, startRefresher } from '@claimlog/client/unstable-internals'
import { measuredEnvironment } from '../measure/machine.ts'
import { isServerPlace } from './server-place.ts'

/** The background process that writes a large `queue.json`, for workers as for the command line. */
const refresherPath = fileURLToPath(new URL('../../../claimlog/dist/claimlog-refresher.cjs', import.meta.url))

/** The kind of the tasks that a measurement claims. */
export const benchKind = 'docs'

/** Returns the right value or throws: a measurement expects no failure. */
export const unwrapRight = <A>(
  either: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (either._tag === 'Right') return either.right
  throw new Error(`not expected in a measurement: ${JSON.stringify(either.left)}`)
}

type BenchOptions = Pick<LocalOptions, 'durability' | 'onWake'>

/**
 * Opens the queue at a place as our long-running programs do: in a directory, `queue.json` is written after a short
 * delay, not after every command. The state has been read.
 */
export const openBenchQueue = async (place: string, options: BenchOptions): Promise<LocalQueue> => {
  // Another process writing the file, or a deleted workspace of an earlier run, is no problem to report.
  const notify = (): void => undefined
  const refreshElsewhere = (): void =>
    void startRefresher({ dir: place, program: refresherPath, env: measuredEnvironment() })
  const opened = await openLocalQueue({
    place: isServerPlace(place)
      ? { _tag: 'server', url: place, dir: undefined, keepsQueueFile: false, isNamedByFile: false }
      : { _tag: 'directory', dir: place },
    notify,
    mode: 'coalesced',
    refreshElsewhere,
    ...options,
  })()
  const { queue } = unwrapRight(opened)
  unwrapRight(await queue.query(state => state.seq)())
  return queue
}

/** Opens and closes the queue in `dir`, so that it has the derived files of a queue in use: no open replays it all. */
export const writeDerivedFiles = async (dir: string): Promise<void> => {
  const queue = await openBenchQueue(dir, { durability: 'os' })
  await queue.close()
}
