/**
 * Imports tasks from a file of claimlog or of another tool. An entry of its own, as its readers include a Markdown
 * parser, which the first import loads.
 *
 * @example
 * ```ts
 * import { open } from 'claimlog'
 * import { importFile } from 'claimlog/import'
 *
 * await using queue = await open()
 * const { imported, unchanged } = await importFile(queue, 'TODO.md', { kind: 'docs' })
 * ```
 */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ImportFormat } from '@claimlog/wire'
import { toIoFailed } from '@claimlog/event-log-file'
import { importFormats } from '@claimlog/importers'
import { ClaimlogError, type QueueFailure } from '@claimlog/messages'
import { importTasks, type ImportFileResult, type ImportTasksOptions, loadImporters } from './import/import-tasks.ts'
import { batchLimit, readTextFile } from './internals/read-input.ts'
import { type Queue, toPromise } from './promise-queue.ts'
import { findTools, type QueueTools } from './import/queue-tools.ts'
import { boolean, enumeration, invalid, required, string } from './arguments/check.ts'
import { checkCall } from './arguments/check-arguments.ts'
import { object } from './arguments/composite-check.ts'
import { callFields } from './arguments/option-checks.ts'
import { signature } from './arguments/signatures.ts'

export type { ImportFileResult, ImportTasksOptions } from './import/import-tasks.ts'
export type { ImportCounts, ImportFormat, ImportWarning } from '@claimlog/wire'

/** The options of an import. */
export type ImportFileOptions = ImportTasksOptions & {
  /** The format of the file; default: detected. */
  readonly from?: ImportFormat
  /** The kind of tasks that have none; default `task`. */
  readonly kind?: string
}

/**
 * Imports the tasks in the file at `path`, all or none; importing it again changes nothing. Rejects with a
 * `ClaimlogError`: `usage` for wrong arguments, `io_failed` if the file cannot be read, `bad_input` if it is larger
 * than 256 MiB, is not UTF-8 or cannot be understood, or a refusal.
 *
 * @example
 * ```ts
 * const { leftOut } = await importFile(queue, 'issues.json', { from: 'github', dryRun: true })
 * for (const { name, count, why } of leftOut ?? []) console.log(`${count} × ${name}: ${why}`)
 * ```
 */
export const importFile = async <Payload, Result>(
  ...args: [queue: Queue<Payload, Result>, path: string, options?: ImportFileOptions]
): Promise<ImportFileResult> => {
  const wrongUsage = checkCall('importFile', importSignature, args)
  if (wrongUsage !== undefined) throw new ClaimlogError(wrongUsage)
  const [queue, path, { from, kind, ...options } = {}] = args
  // The check has found them.
  const tools = findTools(queue) as QueueTools
  return toPromise(
    pipe(
      // First: after a look at a named pipe, Node does not resolve links in the paths of modules, and misses packages.
      loadImporters,
      TE.bindTo('importers'),
      TE.bindW('text', () => readText(path, options.signal)),
      TE.bindW('file', ({ importers, text }) =>
        TE.fromEither(orBadInput(path, importers.readImport(text, { from, kind }))),
      ),
      TE.chainW(({ importers, file }) => importTasks(tools, importers, file, options)),
    ),
  )
}

const queueText = 'a queue that open or init returned'

const importSignature = signature({
  queue: {
    expected: queueText,
    isRequired: true,
    findProblem: value => (findTools(value) === undefined ? invalid(queueText, value) : undefined),
  },
  path: required(string),
  options: object<ImportFileOptions>({
    from: enumeration(Object.keys(importFormats)),
    kind: string,
    dryRun: boolean,
    keepExisting: boolean,
    ...callFields,
  }),
})

const readText = (path: string, signal: AbortSignal | undefined): TE.TaskEither<QueueFailure, string> =>
  signal?.aborted === true
    ? TE.left(toAborted(signal))
    : pipe(
        readTextFile(path, batchLimit, signal),
        TE.mapLeft((error): QueueFailure => {
          if (signal?.aborted === true) return toAborted(signal)
          const { detail, systemError } = error
          return systemError === undefined ? { error: 'bad_input', detail } : toIoFailed(path, 'read', systemError)
        }),
      )

const toAborted = ({ reason }: AbortSignal): QueueFailure => ({ failure: 'Aborted', reason: reason as unknown })

const orBadInput = <A>(path: string, read: E.Either<string, A>): E.Either<QueueFailure, A> =>
  pipe(
    read,
    E.mapLeft(detail => ({ error: 'bad_input', detail: `${path}: ${detail}` })),
  )
