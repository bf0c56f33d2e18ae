import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { encodeEvent, type Event, type LocalQueue, toPrintable } from '@claimlog/client/unstable-internals'
import { wholeNumberArgument } from '../input/arguments.ts'
import { interruptedExitCode } from '@claimlog/wire'
import { isTerminal, print } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { failStreaming, openQueue, settingsOf } from '../run.ts'

type Options = { readonly follow?: true; readonly lines?: number }

export const tail = (program: Command): void => {
  program
    .command('tail')
    .description('Print events, one JSON object per line, exactly as in events.jsonl')
    .option('-f, --follow', 'Keep printing new events until Ctrl-C')
    .option('-n, --lines <n>', 'Print the last n events only (default: all)', wholeNumberArgument)
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const outcome = await pipe(
        openQueue(settings),
        TE.chainW(queue => printEvents(queue, settings)),
      )()
      if (E.isLeft(outcome)) failStreaming(settings.json === true, outcome.left)
    })
}

const printEvents = (queue: LocalQueue, { lines, follow }: Options): TE.TaskEither<CliError, unknown> =>
  pipe(
    lines === undefined ? TE.right(0) : seqBefore(queue, lines),
    TE.chainW((seq): TE.TaskEither<CliError, unknown> =>
      follow === true ? followEvents(queue, seq) : queue.readEvents(seq, printAll),
    ),
  )

/** The seq before the last `lines` events. */
const seqBefore = (queue: LocalQueue, lines: number) =>
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
    for await (last of queue.followEvents(seq, stop.signal)) if (E.isRight(last)) printAll(last.right)
    return E.map(() => undefined)(last)
  }

const printAll = (events: ReadonlyArray<Event>): void => {
  // In a pipe the lines are byte for byte those of the file; a terminal would interpret control characters.
  const shown = isTerminal() ? (event: Event) => toPrintable(encodeEvent(event)) : encodeEvent
  print(events.map(event => `${shown(event)}\n`).join(''))
}
