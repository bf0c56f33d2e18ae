/** The program that updates the `queue.json` in a directory: `node claimlog-refresher.cjs DIR`. */
import { setPriority } from 'node:os'
import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, lineCodec, type State } from '@claimlog/domain'
import type { EventLog, IoFailed, NoLog } from '@claimlog/event-log'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { keepRefreshing } from '@claimlog/queue-file'
import { checkpointStore, openWorkspace } from '@claimlog/workspace'

/**
 * Updates the `queue.json` in `dir` for commands that cannot wait for it, and again while the log grows. The process
 * does nothing else, so its files are closed when it exits. Rejects if the file cannot be written.
 */
const runRefresher = (dir: string): TE.TaskEither<IoFailed | NoLog, void> =>
  pipe(
    openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' }),
    TE.chainW(log => refreshWithLog(dir, log)),
  )

const refreshWithLog =
  (dir: string, log: EventLog<Event>): TE.TaskEither<never, void> =>
  async () => {
    const workspace = openWorkspace({ log, checkpoint: checkpointStore({ dir, log, withLockFile }) })
    const read = async (): Promise<State | undefined> => {
      const result = await workspace.query(state => state)()
      return E.isRight(result) ? result.right : undefined
    }
    return E.right(await keepRefreshing({ dir, log, read }))
  }

try {
  setPriority(19)
} catch {
  // The process then runs with normal priority.
}
// There is no one to report a failure to, such as a deleted workspace or a full disk.
void runRefresher(resolve(process.argv[2] ?? '.'))()
  .catch(() => undefined)
  .then(() => process.exit())
