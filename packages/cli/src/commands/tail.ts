import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { encodeEvent, type Event, type LocalQueue, toPrintable } from '@claimlog/client/unstable-internals'
import { parseWholeNumberArgument } from '../input/arguments.ts'
import { interruptedExitCode } from '@claimlog/wire'
import { isStdoutTerminal, writeStdout } from '../output/output.ts'
import type { CliError } from '../cli-error.ts'
import { printStreamError, openQueue, readSettings } from '../run.ts'

type TailFlags = { readonly follow?: true; readonly lines?: number }

export const tail = (program: Command): void => {
  program
    .command('tail')
    .description('Print events, one JSON object per line, exactly as in events.jsonl')
    .option('-f, --follow', 'Keep printing new events until Ctrl-C')
    .option('-n, --lines <n>', 'Print the last n events only (default: all)', parseWholeNumberArgument)
    .action(async (_options, command: Command) => {
      const settings = readSettings<TailFlags>(command)
      const outcome = await pipe(
        openQueue(settings),
        TE.chainW(queue => printEvents(queue, settings)),
      )()
      if (E.isLeft(outcome)) printStreamError(settings.json === true, outcome.left)
    })
}

const printEvents = (queue: LocalQueue, { lines, follow }: TailFlags): TE.TaskEither<CliError, unknown> =>
  pipe(
    lines === undefined ? TE.right(0) : findStartSeq(queue, lines),
    TE.chainW((seq): TE.TaskEither<CliError, unknown> =>
      follow === true ? followEvents(queue, seq) : queue.readEvents(seq, printBatch),
    ),
  )

/** The seq before the last `lines` events. */
const findStartSeq = (queue: LocalQueue, lines: number) =>
  pipe(
    queue.readEvents(0, () => undefined),
    TE.map(end => Math.max(0, end - lines)),
  )

const followEvents =
  (queue: LocalQueue, seq: number): TE.TaskEither<CliError, void> =>
  async () => {
    const stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        process.exitCode = signal === 'SIGINT' ? interruptedExitCode : 0
        stop.abort()
      })
    // A failure is always the last item.
    let last: E.Either<CliError, ReadonlyArray<Event>> = E.right([])
    for await (last of queue.followEvents(seq, stop.signal)) if (E.isRight(last)) printBatch(last.right)
    return E.map(() => undefined)(last)
  }

const printBatch = (events: ReadonlyArray<Event>): void => {
  // In a pipe the lines are byte for byte those of the file; a terminal would interpret control characters.
  const format = isStdoutTerminal() ? (event: Event) => toPrintable(encodeEvent(event)) : encodeEvent
  writeStdout(events.map(event => `${format(event)}\n`).join(''))
}
