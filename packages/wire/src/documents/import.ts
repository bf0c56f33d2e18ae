import * as t from 'io-ts'
import { listOf } from '@claimlog/codecs'
import { writtenFields } from './answer.ts'
import { object, oneOf, optional } from './object.ts'
import { Amount, TaskView } from './task.ts'

const ImportFormatWord = oneOf(['queue', 'task-graph', 'ndjson', 'beads', 'task-master', 'github', 'markdown'])
/** A file that can be imported, by the name that `--from` takes. */
export type ImportFormat = t.TypeOf<typeof ImportFormatWord>

export const LeftOut = object(
  'left out',
  'one thing that was not taken over: what it is, what it is called there, how often, why, and where it was met first',
  {
    what: oneOf([
      ...(['item', 'field', 'relation', 'need', 'status', 'claim'] as const),
      ...(['name', 'priority', 'due', 'change'] as const),
    ]),
    /** What it is called there: a field's name, a status, a type of relation. */
    name: t.string,
    count: Amount,
    why: t.string,
    /** The first places, as their author finds them: an id or a line; of a name, what it becomes. */
    examples: listOf(t.string, 'examples'),
  },
)
/** One thing that was not taken over, how often, why, and where it was met first. */
export type LeftOut = t.TypeOf<typeof LeftOut>

export const ImportCounts = object('import counts', 'how many of the tasks that came are of each sort', {
  kinds: t.record(t.string, Amount),
  statuses: t.record(t.string, Amount),
  claimed: Amount,
})
/** How many tasks came of each kind, and with each status; how many of them are claimed. */
export type ImportCounts = t.TypeOf<typeof ImportCounts>

export const ImportView = object(
  'import',
  'the tasks that were taken over from the file; dry_run: that would be, and nothing was written; unchanged: those that are here already',
  {
    ...writtenFields,
    dry_run: optional(t.literal(true)),
    format: optional(ImportFormatWord),
    imported: Amount,
    unchanged: Amount,
    counts: optional(ImportCounts),
    left_out: optional(listOf(LeftOut, 'what was left out')),
    tasks: listOf(TaskView, 'tasks'),
  },
)
/** What `import` prints. */
export type ImportView = t.TypeOf<typeof ImportView>
