import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { runOnTask } from '../run-order.ts'
import { finish, settingsOf } from '../run.ts'

type Options = { readonly text?: string }

export const note = (program: Command): void => {
  program
    .command('note')
    .argument('<task_id>')
    .argument('[text]', 'the remark')
    .description('write a remark into the history of a task; nothing else changes')
    .option('--text <text>', 'the remark, where it begins with a dash')
    .action(async (taskId: string, words: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const text = words ?? settings.text
      if (text === undefined || (words !== undefined && settings.text !== undefined)) {
        const detail = text === undefined ? 'there is no text to note' : 'the text is given twice'
        const mend = "for example: claimlog note inspect-docs 'the second half is new'"
        return finish('programs', true, E.left({ usage: 'usage', detail, mend }))
      }
      finish('programs', true, await runOnTask(settings, { command: 'note', taskId, text }))
    })
}
