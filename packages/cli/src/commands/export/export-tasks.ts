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
import { warnOfUnknownKind } from '../../kind-check.ts'
import type { CliError } from '../../problem.ts'
import { readAndRefresh } from '../../run.ts'
import { pieces } from './printing.ts'

/** Prints the tasks in the format of `out`. */
export const exportTasks = (
  queue: LocalQueue,
  out: TaskExport,
  query: ListQuery,
  options: ChunkOptions,
): TE.TaskEither<CliError, void> => {
  let isWarned = false
  const make: ChunkQuery = (state, now) => {
    if (!isWarned) warnOfUnknownKind(state, query.kind)
    isWarned = true
    return out(state, { query, now, shown: toPrintable })
  }
  const printing = printParts(queue, make, options)
  return options.at === undefined && options.transform === undefined ? readAndRefresh(queue, printing) : printing
}

const printParts =
  (queue: LocalQueue, make: ChunkQuery, options: ChunkOptions): TE.TaskEither<CliError, void> =>
  async () => {
    const printed = pieces()
    try {
      return await streamChunks(queue, make, printed.add, options)()
    } finally {
      printed.flush()
    }
  }
