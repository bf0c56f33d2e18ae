import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { finish, settingsOf } from '../run.ts'
import { inWorkspace, readAndRefresh } from '../session.ts'

export const trace = (program: Command): void => {
  program
    .command('trace')
    .argument('<task_id>')
    .description("tell one task's history, step by step: who, when, how long")
    .action(async (taskId: string, _options, command: Command) => {
      const settings = settingsOf(command)
      const { renderTrace } = await import('../render/index.ts')
      const outcome = await inWorkspace(settings, async session => {
        const traced = await readAndRefresh(session, session.workspace.trace(taskId))
        if (E.isLeft(traced)) return traced
        return E.right({ json: traced.right, text: () => renderTrace(traced.right) })
      })
      finish('people', settings.json === true, outcome)
    })
}
