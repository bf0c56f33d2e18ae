import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { countHistory } from './export/count-history.ts'
import { printForPeople, openQueue, readSettings } from '../run.ts'

export const metrics = (program: Command): void => {
  program
    .command('metrics')
    .description('Print event counts and the current state as OpenMetrics text')
    .action(async (_options, command: Command) => {
      const settings = readSettings(command)
      const { metricsCollector, formatOpenMetrics } = await import('@claimlog/exporters')
      return pipe(
        openQueue(settings),
        TE.chainW(queue => countHistory(queue, metricsCollector())),
        TE.map(view => ({ json: view, text: () => formatOpenMetrics(view.families) })),
        printForPeople(settings),
      )
    })
}
