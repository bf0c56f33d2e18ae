import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec, type State } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { keepRefreshing } from '@claimlog/queue-file'
import { checkpointKeeper, openWorkspace } from '@claimlog/workspace'

/** The process that brings the `queue.json` in `dir` up to date for commands that cannot wait for it. */
const refresh = async (dir: string): Promise<void> => {
  const opened = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
  if (E.isLeft(opened)) return
  const log = opened.right
  const workspace = openWorkspace({ log, checkpoint: checkpointKeeper({ dir, log, withLockFile }) })
  const read = async (): Promise<State | undefined> => {
    const seen = await workspace.read(state => state)()
    return E.isRight(seen) ? seen.right : undefined
  }
  await keepRefreshing({ dir, log, read })
}

try {
  setPriority(19)
} catch {
  // Then it goes at everybody's pace.
}
// Nobody is there to be told of anything: a workspace that is gone, a disk that is full.
void refresh(resolve(process.argv[2] ?? '.'))
  .catch(() => undefined)
  .then(() => process.exit())
