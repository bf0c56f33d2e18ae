import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type * as Importers from '@claimlog/importers/read-files'
import type { QueueFailure } from '@claimlog/messages'
import type { ImportView, WriteResult } from '@claimlog/wire'
import type { ImportResult, LocalQueue } from '../local-queue.ts'
import type { CallOptions } from '../queue-methods.ts'

/**
 * The imported tasks. `format`, `counts` and `leftOut` are present for a file of another tool, with `dryRun`, and with
 * `keepExisting`.
 */
export type ImportFileResult = Omit<ImportView, keyof WriteResult>

/** Options that say how tasks are imported. */
export type ImportTasksOptions = CallOptions & {
  /** Writes nothing; the result is what an import would return. */
  readonly dryRun?: boolean | undefined
  /** Leaves existing tasks that differ as they are, and imports the others; otherwise they are refused. */
  readonly keepExisting?: boolean | undefined
}

/** Loads the readers of files on demand, as they include a Markdown parser. */
export const loadImporters: TE.TaskEither<never, typeof Importers> = TE.fromTask(
  () => import('@claimlog/importers/read-files'),
)

/** Imports the tasks of a file that was read, all or none. */
export const importTasks = (
  queue: Pick<LocalQueue, 'importTasks' | 'query'>,
  { reportImport }: typeof Importers,
  file: Importers.ImportedFile,
  { dryRun, keepExisting, ...options }: ImportTasksOptions,
): TE.TaskEither<QueueFailure, ImportFileResult> => {
  const { tasks, foreign } = file
  const [isDryRun, keep] = [dryRun === true, keepExisting === true || undefined]
  return pipe(
    queue.importTasks({ tasks, foreign: foreign || undefined, keep }, { ...options, dryRun: isDryRun }),
    TE.bindTo('result'),
    TE.bindW('report', ({ result }) =>
      foreign || isDryRun || keep ? queue.query(state => reportImport(file, result, state)) : TE.right(undefined),
    ),
    TE.map(({ result, report }) => toFileResult(file, result, report, isDryRun)),
  )
}

const toFileResult = (
  { tasks, format }: Importers.ImportedFile,
  { tasks: importedTasks, seq, appended }: ImportResult,
  report: Importers.ImportReport | undefined,
  isDryRun: boolean,
): ImportFileResult => {
  const totals = { imported: importedTasks.length, unchanged: tasks.length - importedTasks.length }
  const taskList = { tasks: importedTasks.map(({ task }) => task), seq: isDryRun ? seq - appended : seq }
  if (report === undefined) return { ...totals, ...taskList }
  const { counts, warnings } = report
  return { dryRun: isDryRun || undefined, format, ...totals, counts, leftOut: warnings, ...taskList }
}
