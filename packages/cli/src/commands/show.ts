import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { finish, settingsOf } from '../run.ts'
import { inWorkspace } from '../session.ts'

export const show = (program: Command): void => {
  program
    .command('show')
    .argument('<task_id>')
    .description('show all that is known of a task')
    .action(async (taskId: string, _options, command: Command) => {
      const settings = settingsOf(command)
      const { renderShow } = await import('../render/index.ts')
      const outcome = await inWorkspace(settings, async ({ workspace }) => {
        const shown = await workspace.show(taskId)()
        if (E.isLeft(shown)) return shown
        return E.right({ json: shown.right, text: () => renderShow(shown.right, Date.now()) })
      })
      finish('people', settings.json === true, outcome)
    })
}
