import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type { PointInTime } from '@claimlog/client/unstable-internals'
import { diffDocument } from '@claimlog/wire'
import { parsePointInTimeArgument } from '../input/arguments.ts'
import { printForPeople, openQueue, renderLazily, readSettings } from '../run.ts'

export const diff = (program: Command): void => {
  program
    .command('diff')
    .argument('<from>', 'Start: a seq, or a time such as 2026-01-31T09:00Z', parsePointInTimeArgument)
    .argument('[to]', 'End: a later seq or time (default: now)', parsePointInTimeArgument)
    .description('Show what changed between two points in time: tasks, claims and rules of kinds')
    .action((from: PointInTime, to: PointInTime | undefined, _options, command: Command) => {
      const settings = readSettings(command)
      return pipe(
        openQueue(settings),
        TE.chainW(queue => queue.diff(from, to)),
        TE.map(changes => ({
          json: diffDocument(changes),
          text: renderLazily(({ renderDiff }) => renderDiff(changes)),
        })),
        printForPeople(settings),
      )
    })
}
