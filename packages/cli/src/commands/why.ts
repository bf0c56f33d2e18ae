import { pipe } from 'fp-ts/lib/function.js'
import type { Command } from 'commander'
import { type ExplainedWhy, type WhyView, whyView } from '@claimlog/wire'
import { createAtOption } from '../input/arguments.ts'
import { explainGuard } from '../render/guard-message.ts'
import { runQuery } from './run-query.ts'
import { printForPeople, renderLazily, readSettings } from '../run.ts'

export const why = (program: Command): void => {
  program
    .command('why')
    .argument('<task_id>')
    .description('Show whether a task can be claimed and, if not, what blocks it and how to clear that')
    .addOption(createAtOption())
    .action((taskId: string, _options, command: Command) => {
      const settings = readSettings(command)
      return pipe(
        runQuery(
          settings,
          (state, now) => whyView(state, taskId, now),
          (view, nowMs) => ({
            json: explainGuards(view, nowMs),
            text: renderLazily(({ renderWhy }) => renderWhy(view, nowMs)),
          }),
        ),
        printForPeople(settings),
      )
    })
}

const explainGuards = (view: WhyView, nowMs: number): ExplainedWhy => ({
  ...view,
  guards: view.guards.map(guard => explainGuard(guard, view.taskId, nowMs)),
})
