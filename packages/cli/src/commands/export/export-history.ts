import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event, LocalQueue } from '@claimlog/client/unstable-internals'
import type { HistoryExport } from '@claimlog/exporters'
import { isBackpressured, waitForStdout } from '../../output/output.ts'
import type { CliError } from '../../cli-error.ts'
import { createPiecePrinter } from './piece-printer.ts'

/**
 * Prints the history in the format of `out`, up to the current end of the log, and no faster than stdout is read. Returns
 * how many tasks were left out because they are not finished.
 */
export const exportHistory =
  (
    { readEvents }: LocalQueue,
    out: HistoryExport,
    transform: (event: Event) => Event,
  ): TE.TaskEither<CliError, number> =>
  async () => {
    const printer = createPiecePrinter()
    printer.add(out.begin)
    let seq = 0
    const printEvents = (events: ReadonlyArray<Event>): void => {
      for (const event of events) {
        printer.add(out.apply(transform(event)))
        seq = event.seq
      }
    }
    let result = await readEvents(seq, printEvents, isBackpressured)()
    while (E.isRight(result) && isBackpressured()) {
      await waitForStdout()
      result = await readEvents(seq, printEvents, isBackpressured)()
    }
    return E.chainW((): E.Either<CliError, number> => {
      if (seq === 0) return E.left({ error: 'no_workspace' })
      printer.add(out.end())
      printer.flush()
      return E.right(out.countUnfinished())
    })(result)
  }
