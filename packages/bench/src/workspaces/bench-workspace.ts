import { fileURLToPath } from 'node:url'
import { checkpointKeeper, openWorkspace, type Workspace } from '@claimlog/workspace'
import { openQueueFile, startRefresher } from '@claimlog/queue-file'
import { type Event, lineCodec } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { type Durability, openFileLog, withLockFile } from '@claimlog/event-log-file'
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

/** A workspace as a program that runs for long uses it: `queue.json` follows within a moment, not at every answer. */
export type BenchWorkspace = { readonly workspace: Workspace; readonly log: EventLog<Event> }

/** Opens the workspace in `dir` for many commands. */
export const openBenchWorkspace = async (dir: string, durability: Durability): Promise<BenchWorkspace> => {
  const log = rightOf(await openFileLog<Event>({ dir, codec: lineCodec, durability })())
  // That another process is at the file, or that the workspace of a trial was deleted, is nothing to tell of.
  const notify = (): void => undefined
  const refreshElsewhere = (): void => void startRefresher({ dir, program, env: plainEnvironment() })
  const queueFile = openQueueFile({ dir, log, notify, mode: 'coalesced', refreshElsewhere })
  const checkpoint = checkpointKeeper({ dir, log, withLockFile })
  return { log, workspace: openWorkspace({ log, queueFile, checkpoint }) }
}

/** Leaves the workspace in `dir` as one in use is: whoever opens it need not read its log from the first line. */
export const settleDown = async (dir: string): Promise<void> => {
  const { workspace } = await openBenchWorkspace(dir, 'os')
  rightOf(await workspace.read(state => state.seq)())
  await workspace.close()
}
