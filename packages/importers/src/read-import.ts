import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ImportedTask, Kind, NewTask } from '@claimlog/domain'
import { parseJson } from '@claimlog/workspace'
import { readBeads } from './beads.ts'
import { assembled, type ForeignTask } from './foreign-task.ts'
import { formatOf } from './format-of.ts'
import { readGithub } from './github.ts'
import type { ImportFormat, ImportWarning } from '@claimlog/wire'
import { importFormats } from './import-formats.ts'
import { type LeftOutReport, leftOutReport } from './left-out.ts'
import { readMarkdown } from './markdown.ts'
import { readNdjson, withoutBom } from './ndjson.ts'
import { jsonLines, type PlacedJson, tolerantJson } from './placed-json.ts'
import { readQueueFormat } from './queue-format.ts'
import { defaultKind, readTaskGraph } from './task-graph.ts'
import { readTaskMaster } from './task-master.ts'

/** The content of a file. It is foreign if another tool wrote it; `toUnmergedRule` then lists what is not imported. */
export type ImportRead = {
  readonly format: ImportFormat
  readonly foreign: boolean
  readonly tasks: ReadonlyArray<ImportedTask>
  readonly leftOut: ReadonlyArray<ImportWarning>
}

/** `kind`: the kind of tasks without one. `from`: the format; detected by default. */
export type ImportOptions = { readonly kind?: Kind | undefined; readonly from?: ImportFormat | undefined }

/** Reads the tasks in a file's text. Left: a message about the first mistake. */
export const readImport = (
  text: string,
  { kind = defaultKind, from }: ImportOptions = {},
): E.Either<string, ImportRead> => {
  const whole = withoutBom(text)
  const format = from ?? formatOf(whole)
  if (format === undefined) return E.left(`${noFormat(whole)} formats that can be imported: ${allFormats}`)
  return pipe(
    reading(format, whole, kind),
    E.mapLeft(problem => (from === undefined ? problem : `as ${importFormats[from]}: ${problem}`)),
  )
}

/** The reason why no format matches: if the text is broken JSON, its author needs the position of the mistake. */
const noFormat = (text: string): string =>
  pipe(
    tolerantJson(text),
    E.match(
      problem => `it ${problem};`,
      () => 'it contains no tasks;',
    ),
  )

const allFormats = Object.values(importFormats).join(', ')

const reading = (format: ImportFormat, text: string, kind: Kind): E.Either<string, ImportRead> => {
  switch (format) {
    case 'queue':
      return ours(format, wholeText(parseJson(text)), readQueueFormat)
    case 'task-graph':
      return ours(format, wholeText(parseJson(text)), json => readTaskGraph(json, kind))
    case 'ndjson':
      return ours(format, readNdjson(text), tasks => E.right(tasks.map(readyTask)))
    case 'beads':
      return theirs(format, kind, listIn(text), readBeads)
    case 'task-master':
      return theirs(format, kind, wholeText(tolerantJson(text)), readTaskMaster)
    case 'github':
      return theirs(format, kind, listIn(text), readGithub)
    case 'markdown':
      return theirs(format, kind, E.right(text), readMarkdown)
  }
}

type ReadTasks<A> = E.Either<string, ReadonlyArray<A>>

const ours = <A>(
  format: ImportFormat,
  content: E.Either<string, A>,
  read: (content: A) => ReadTasks<ImportedTask>,
): E.Either<string, ImportRead> =>
  pipe(
    content,
    E.chain(read),
    E.map((tasks): ImportRead => ({ format, foreign: false, tasks, leftOut: [] })),
  )

const theirs = <A>(
  format: ImportFormat,
  kind: Kind,
  content: E.Either<string, A>,
  read: (content: A, kind: Kind, report: LeftOutReport) => ReadTasks<ForeignTask>,
): E.Either<string, ImportRead> => {
  const report = leftOutReport()
  return pipe(
    content,
    E.chain(found => read(found, kind, report)),
    E.chain(foreign => assembled(foreign, report)),
    E.map((tasks): ImportRead => ({ format, foreign: true, tasks, leftOut: report.list() })),
  )
}

const readyTask = (task: NewTask): ImportedTask => ({ task, standing: { status: 'ready' } })

/** Completes the message about a file that is a single JSON text. */
const wholeText: <A>(json: E.Either<string, A>) => E.Either<string, A> = E.mapLeft(problem => `it ${problem}`)

/** Parses a JSON list, or one object per line. */
const listIn = (text: string): E.Either<string, ReadonlyArray<PlacedJson>> =>
  text.trimStart().startsWith('[') ? pipe(wholeText(tolerantJson(text)), E.chain(issuesIn)) : jsonLines(text)

const issuesIn = (json: unknown): E.Either<string, ReadonlyArray<PlacedJson>> =>
  Array.isArray(json)
    ? E.right(
        (json as ReadonlyArray<unknown>).map((item, index): PlacedJson => ({
          place: `issue ${index + 1}`,
          json: item,
        })),
      )
    : E.left('expected a list of issues')
