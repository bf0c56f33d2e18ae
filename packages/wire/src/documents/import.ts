import * as t from 'io-ts'
import { listCodec } from '@claimlog/codecs'
import { writeResultFields } from './command-output.ts'
import { object, enumCodec, optional } from './object.ts'
import { Amount, TaskView } from './task.ts'
import type { View } from './view.ts'

const ImportFormatWord = enumCodec(['queue', 'task-graph', 'ndjson', 'beads', 'task-master', 'github', 'markdown'])
/** A file that can be imported, by the name that `--from` takes. */
export type ImportFormat = View<typeof ImportFormatWord>

export const ImportWarning = object(
  'left out',
  'something that was not imported: its type, its name in the file, how often, why, and the first examples',
  {
    what: enumCodec([
      ...(['item', 'field', 'relation', 'need', 'status', 'claim'] as const),
      ...(['name', 'priority', 'due', 'change'] as const),
    ]),
    /** Its name in the file: a field, a status, a type of relation. */
    name: t.string,
    count: Amount,
    why: t.string,
    /** The first places, as an id or a line number; for a name, the new name. */
    examples: listCodec(t.string, 'examples'),
  },
)
/** Something that was not imported: how often, why, and the first examples. */
export type ImportWarning = View<typeof ImportWarning>

export const ImportCounts = object('import counts', 'the imported tasks, counted by kind and status', {
  kinds: t.record(t.string, Amount),
  statuses: t.record(t.string, Amount),
  claimed: Amount,
})
/** The imported tasks, counted by kind and by status, and the number of claimed ones. */
export type ImportCounts = View<typeof ImportCounts>

export const ImportView = object(
  'import',
  'the tasks that were imported from the file; dry_run: would be imported, and nothing was written; unchanged: the number that exist already',
  {
    ...writeResultFields,
    dry_run: optional(t.literal(true)),
    format: optional(ImportFormatWord),
    imported: Amount,
    unchanged: Amount,
    counts: optional(ImportCounts),
    left_out: optional(listCodec(ImportWarning, 'left out')),
    tasks: listCodec(TaskView, 'tasks'),
  },
)
/** The output of `import`. */
export type ImportView = View<typeof ImportView>
