import * as E from 'fp-ts/lib/Either.js'
import type { Json } from '@claimlog/codecs'
import type { ImportedTask, Kind } from '@claimlog/domain'
import { parseJson } from '@claimlog/workspace'
import { readBeads } from './beads.ts'
import { assembled, type ForeignTask } from './foreign-task.ts'
import { formatOf } from './format-of.ts'
import { readGithub } from './github.ts'
import { type ImportFormat, importFormats } from './import-formats.ts'
import { type LeftOut, type LeftOutReport, leftOutReport } from './left-out.ts'
import { readMarkdown } from './markdown.ts'
import { readNdjson, withoutBom } from './ndjson.ts'
import { jsonLines, type PlacedJson, tolerantJson } from './placed-json.ts'
import { readQueueFormat } from './queue-format.ts'
import { defaultKind, readTaskGraph } from './task-graph.ts'
import { readTaskMaster } from './task-master.ts'

/** What was read from a file. `foreign`: it is another tool's, and what was left out of it is told. */
export type ImportRead = {
  readonly format: ImportFormat
  readonly foreign: boolean
  readonly tasks: ReadonlyArray<ImportedTask>
  readonly leftOut: ReadonlyArray<LeftOut>
}

/** How to read a file: `kind` is for tasks that name none, `from` what the file is, which else its shape tells. */
export type ImportOptions = { readonly kind?: Kind | undefined; readonly from?: ImportFormat | undefined }

/** The tasks in a file's text. Left: what is wrong with the text, in words. */
export const readImport = (
  text: string,
  { kind = defaultKind, from }: ImportOptions = {},
): E.Either<string, ImportRead> => {
  const whole = withoutBom(text)
  const format = from ?? formatOf(whole)
  if (format === undefined) return E.left(`${noFormat(whole)} what can be imported: ${allFormats}`)
  const read = reading(format, whole, kind)
  return E.isLeft(read) && from !== undefined ? E.left(`as ${importFormats[from]}: ${read.left}`) : read
}

/** Why a text is nothing that can be imported: where it was to be JSON, its author needs the place of the mistake. */
const noFormat = (text: string): string => {
  const json = tolerantJson(text)
  return E.isLeft(json) ? `it ${json.left};` : 'it holds no tasks;'
}

const allFormats = Object.values(importFormats).join(', ')

const reading = (format: ImportFormat, text: string, kind: Kind): E.Either<string, ImportRead> => {
  switch (format) {
    case 'queue':
      return ours(format, strictJson(text, readQueueFormat))
    case 'task-graph':
      return ours(
        format,
        strictJson(text, json => readTaskGraph(json, kind)),
      )
    case 'ndjson':
      return ours(format, readyTasks(text))
    case 'beads':
      return theirs(format, report => inList(text, issues => readBeads(issues, kind, report)))
    case 'task-master':
      return theirs(format, report => inWhole(text, json => readTaskMaster(json, kind, report)))
    case 'github':
      return theirs(format, report => inList(text, issues => readGithub(issues, kind, report)))
    case 'markdown':
      return theirs(format, report => readMarkdown(text, kind, report))
  }
}

type ReadTasks<A> = E.Either<string, ReadonlyArray<A>>

const ours = (format: ImportFormat, tasks: ReadTasks<ImportedTask>): E.Either<string, ImportRead> =>
  E.isLeft(tasks) ? tasks : E.right({ format, foreign: false, tasks: tasks.right, leftOut: [] })

const theirs = (
  format: ImportFormat,
  read: (report: LeftOutReport) => ReadTasks<ForeignTask>,
): E.Either<string, ImportRead> => {
  const report = leftOutReport()
  const foreign = read(report)
  if (E.isLeft(foreign)) return foreign
  const tasks = assembled(foreign.right, report)
  return E.isLeft(tasks) ? tasks : E.right({ format, foreign: true, tasks: tasks.right, leftOut: report.list() })
}

const strictJson = <A>(text: string, read: (json: Json) => E.Either<string, A>): E.Either<string, A> => {
  const json = parseJson(text)
  return E.isLeft(json) ? E.left(`it ${json.left}`) : read(json.right)
}

const readyTasks = (text: string): ReadTasks<ImportedTask> => {
  const tasks = readNdjson(text)
  return E.isLeft(tasks) ? tasks : E.right(tasks.right.map(task => ({ task, standing: { status: 'ready' } })))
}

const inWhole = <A>(text: string, read: (json: unknown) => E.Either<string, A>): E.Either<string, A> => {
  const json = tolerantJson(text)
  return E.isLeft(json) ? E.left(`it ${json.left}`) : read(json.right)
}

/** A list in one JSON text, or an object a line. */
const inList = <A>(
  text: string,
  read: (items: ReadonlyArray<PlacedJson>) => E.Either<string, A>,
): E.Either<string, A> => {
  if (!text.trimStart().startsWith('[')) {
    const lines = jsonLines(text)
    return E.isLeft(lines) ? lines : read(lines.right)
  }
  return inWhole(text, json =>
    Array.isArray(json)
      ? read((json as ReadonlyArray<unknown>).map((item, index) => ({ place: `issue ${index + 1}`, json: item })))
      : E.left('expected a list of issues'),
  )
}
