import { pipe } from 'fp-ts/lib/function.js'
import type { Command } from 'commander'
import { type ExplainedWhy, type WhyView, whyView } from '@claimlog/wire'
import { atOption } from '../input/arguments.ts'
import { explained } from '../render/guard-words.ts'
import { look } from './looking.ts'
import { answerPeople, rendered, settingsOf } from '../run.ts'

export const why = (program: Command): void => {
  program
    .command('why')
    .argument('<task_id>')
    .description('Show whether a task can be claimed and, if not, what blocks it and how to clear that')
    .addOption(atOption())
    .action((taskId: string, _options, command: Command) => {
      const settings = settingsOf(command)
      return pipe(
        look(
          settings,
          (state, now) => whyView(state, taskId, now),
          (view, nowMs) => ({
            json: explainedWhy(view, nowMs),
            text: rendered(({ renderWhy }) => renderWhy(view, nowMs)),
          }),
        ),
        answerPeople(settings),
      )
    })
}

const explainedWhy = (view: WhyView, nowMs: number): ExplainedWhy => ({
  ...view,
  guards: view.guards.map(guard => explained(guard, view.task_id, nowMs)),
})
