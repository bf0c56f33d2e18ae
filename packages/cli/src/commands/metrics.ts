import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { countHistory } from './export/count-history.ts'
import { finish, settingsOf } from '../run.ts'
import { inWorkspace } from '../session.ts'

export const metrics = (program: Command): void => {
  program
    .command('metrics')
    .description('print counts of all that happened, and how things stand, as OpenMetrics text')
    .action(async (_options, command: Command) => {
      const settings = settingsOf(command)
      const { metrics: counting, openMetrics } = await import('./export/exporters.ts')
      const counted = await inWorkspace(settings, session => countHistory(session, counting()))
      const outcome = E.isLeft(counted)
        ? counted
        : E.right({ json: counted.right, text: () => openMetrics(counted.right.families) })
      finish('people', settings.json === true, outcome)
    })
}
