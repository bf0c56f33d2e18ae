import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { readImport } from '@claimlog/coordinator/workspace'
import { readStdin, readText } from '../arguments.ts'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { runOrder } from '../run-order.ts'
import type { Settings } from '../session.ts'

type Options = { readonly kind?: string }

export const importFile = (program: Command): void => {
  program
    .command('import')
    .argument('<file>', 'a queue.json, the tasks.json of a task graph, or NDJSON; - reads stdin')
    .description('take tasks over from a file, all or none; importing it again changes nothing')
    .option('--kind <kind>', 'the kind of tasks that name none (default: task)')
    .action(async (file: string, _options, command: Command) => {
      finish('programs', true, await importFrom(file, settingsOf<Options>(command)))
    })
}

const importFrom = async (file: string, settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  const text = file === '-' ? await readStdin() : readText(file)
  if (E.isLeft(text)) return text
  const tasks = readImport(text.right, settings.kind)
  if (E.isLeft(tasks))
    return E.left({
      usage: 'bad_input',
      detail: `${file}: ${tasks.left}`,
      mend: 'nothing was imported; mend the file and import it again',
    })
  return runOrder(settings, { command: 'import', tasks: tasks.right }, ({ tasks: imported, seq }) => ({
    imported: imported.length,
    unchanged: tasks.right.length - imported.length,
    tasks: imported.map(({ task }) => task),
    seq,
  }))
}
