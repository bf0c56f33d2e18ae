import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event, LocalQueue } from '@claimlog/client/unstable-internals'
import type { HistoryExport } from '@claimlog/exporters'
import { isUnread, untilRead } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import { pieces } from './printing.ts'

/**
 * Prints the history in the format of `out`, up to the current end of the log, and no faster than stdout is read. Returns
 * how many tasks were left out because they are not finished.
 */
export const exportHistory =
  ({ readEvents }: LocalQueue, out: HistoryExport, change: (event: Event) => Event): TE.TaskEither<CliError, number> =>
  async () => {
    const printed = pieces()
    printed.add(out.begin)
    let seq = 0
    const take = (events: ReadonlyArray<Event>): void => {
      for (const event of events) {
        printed.add(out.take(change(event)))
        seq = event.seq
      }
    }
    let read = await readEvents(seq, take, isUnread)()
    while (E.isRight(read) && isUnread()) {
      await untilRead()
      read = await readEvents(seq, take, isUnread)()
    }
    return E.chainW((): E.Either<CliError, number> => {
      if (seq === 0) return E.left({ error: 'no_workspace' })
      printed.add(out.end())
      printed.flush()
      return E.right(out.leftOut())
    })(read)
  }
