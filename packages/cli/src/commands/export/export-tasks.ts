import type * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type ListQuery,
  type LocalQueue,
  type ChunkOptions,
  type ChunkQuery,
  toPrintable,
  streamChunks,
} from '@claimlog/client/unstable-internals'
import type { TaskExport } from '@claimlog/exporters'
import { warnAboutUnknownKind } from '../../kind-check.ts'
import type { CliError } from '../../cli-error.ts'
import { queryAndRefresh } from '../../run.ts'
import { createPiecePrinter } from './piece-printer.ts'

/** Prints the tasks in the format of `out`. */
export const exportTasks = (
  queue: LocalQueue,
  out: TaskExport,
  query: ListQuery,
  options: ChunkOptions,
): TE.TaskEither<CliError, void> => {
  let hasWarned = false
  const partsQuery: ChunkQuery = (state, now) => {
    if (!hasWarned) warnAboutUnknownKind(state, query.kind)
    hasWarned = true
    return out(state, { query, now, escapeText: toPrintable })
  }
  const printCall = printParts(queue, partsQuery, options)
  return options.at === undefined && options.transform === undefined ? queryAndRefresh(queue, printCall) : printCall
}

const printParts =
  (queue: LocalQueue, partsQuery: ChunkQuery, options: ChunkOptions): TE.TaskEither<CliError, void> =>
  async () => {
    const printer = createPiecePrinter()
    try {
      return await streamChunks(queue, partsQuery, printer.add, options)()
    } finally {
      printer.flush()
    }
  }
