import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { encodeEvent, type Event, printable } from '@claimlog/domain'
import { wholeNumberArgument } from '../input/arguments.ts'
import { interrupted } from '../exit-codes.ts'
import { print } from '../output/output.ts'
import { failStreaming, settingsOf } from '../run.ts'
import { inWorkspace, type Session } from '../session.ts'
import { isTerminal } from '../output/terminal.ts'

type Options = { readonly follow?: true; readonly lines?: number }

export const tail = (program: Command): void => {
  program
    .command('tail')
    .description('print the events, one JSON object a line, as they stand in events.jsonl')
    .option('-f, --follow', 'go on printing events as they come, until Ctrl-C')
    .option('-n, --lines <n>', 'only the last n (default: all)', wholeNumberArgument)
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const outcome = await inWorkspace(settings, session => printEvents(session, settings))
      if (E.isLeft(outcome)) failStreaming(settings.json === true, outcome.left)
    })
}

const printEvents = async ({ log, workspace }: Session, { lines, follow }: Options) => {
  let first = 0
  if (lines !== undefined) {
    const end = await log.readAfter(0, () => undefined)()
    if (E.isLeft(end)) return end
    first = Math.max(0, end.right - lines)
  }
  if (follow !== true) {
    const printed = await log.readAfter(first, printAll)()
    return E.isLeft(printed) ? printed : E.right(undefined)
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      process.exitCode = signal === 'SIGINT' ? interrupted : 0
      stop.abort()
    })
  for await (const batch of workspace.follow(first, stop.signal)) {
    if (E.isLeft(batch)) return batch
    printAll(batch.right)
  }
  return E.right(undefined)
}

const printAll = (events: ReadonlyArray<Event>): void => {
  // In a pipe the lines are byte for byte those of the file; a terminal would obey some characters in them.
  const shown = isTerminal() ? (event: Event) => printable(encodeEvent(event)) : encodeEvent
  print(events.map(event => `${shown(event)}\n`).join(''))
}
