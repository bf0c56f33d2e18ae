import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ImportedTask, Kind, NewTask } from '@claimlog/domain'
import { parseJson } from '@claimlog/workspace'
import { readBeads } from './beads.ts'
import { normalizeTasks, type ExternalTask } from './external-task.ts'
import { detectFormat } from './detect-format.ts'
import { readGithub } from './github.ts'
import type { ImportFormat, ImportWarning } from '@claimlog/wire'
import { importFormats } from './import-formats.ts'
import { type ImportWarnings, importWarnings } from './import-warnings.ts'
import { readMarkdown } from './markdown.ts'
import { readNdjson, stripBom } from './ndjson.ts'
import { parseJsonLines, type JsonItem, parseLenientJson } from './json-items.ts'
import { readQueueFormat } from './queue-format.ts'
import { defaultKind, readTaskGraph } from './task-graph.ts'
import { readTaskMaster } from './task-master.ts'

/** The content of a file. It is foreign if another tool wrote it; `warnings` then lists what is not imported. */
export type ImportedFile = {
  readonly format: ImportFormat
  readonly foreign: boolean
  readonly tasks: ReadonlyArray<ImportedTask>
  readonly warnings: ReadonlyArray<ImportWarning>
}

/** `kind`: the kind of tasks without one. `from`: the format; detected by default. */
export type ImportOptions = { readonly kind?: Kind | undefined; readonly from?: ImportFormat | undefined }

/** Reads the tasks in a file's text. Left: a message about the first mistake. */
export const readImport = (
  text: string,
  { kind = defaultKind, from }: ImportOptions = {},
): E.Either<string, ImportedFile> => {
  const content = stripBom(text)
  const format = from ?? detectFormat(content)
  if (format === undefined) return E.left(`${explainNoFormat(content)} formats that can be imported: ${allFormats}`)
  return pipe(
    readFormat(format, content, kind),
    E.mapLeft(problem => (from === undefined ? problem : `as ${importFormats[from]}: ${problem}`)),
  )
}

/** The reason why no format matches: if the text is broken JSON, its author needs the position of the mistake. */
const explainNoFormat = (text: string): string =>
  pipe(
    parseLenientJson(text),
    E.match(
      problem => `it ${problem};`,
      () => 'it contains no tasks;',
    ),
  )

const allFormats = Object.values(importFormats).join(', ')

const readFormat = (format: ImportFormat, text: string, kind: Kind): E.Either<string, ImportedFile> => {
  switch (format) {
    case 'queue':
      return readOwnFormat(format, completeError(parseJson(text)), readQueueFormat)
    case 'task-graph':
      return readOwnFormat(format, completeError(parseJson(text)), json => readTaskGraph(json, kind))
    case 'ndjson':
      return readOwnFormat(format, readNdjson(text), tasks => E.right(tasks.map(readyTask)))
    case 'beads':
      return readExternalFormat(format, kind, parseList(text), readBeads)
    case 'task-master':
      return readExternalFormat(format, kind, completeError(parseLenientJson(text)), readTaskMaster)
    case 'github':
      return readExternalFormat(format, kind, parseList(text), readGithub)
    case 'markdown':
      return readExternalFormat(format, kind, E.right(text), readMarkdown)
  }
}

type TasksResult<A> = E.Either<string, ReadonlyArray<A>>

const readOwnFormat = <A>(
  format: ImportFormat,
  content: E.Either<string, A>,
  read: (content: A) => TasksResult<ImportedTask>,
): E.Either<string, ImportedFile> =>
  pipe(
    content,
    E.chain(read),
    E.map((tasks): ImportedFile => ({ format, foreign: false, tasks, warnings: [] })),
  )

const readExternalFormat = <A>(
  format: ImportFormat,
  kind: Kind,
  content: E.Either<string, A>,
  read: (content: A, kind: Kind, warnings: ImportWarnings) => TasksResult<ExternalTask>,
): E.Either<string, ImportedFile> => {
  const warnings = importWarnings()
  return pipe(
    content,
    E.chain(parsed => read(parsed, kind, warnings)),
    E.chain(externalTasks => normalizeTasks(externalTasks, warnings)),
    E.map((tasks): ImportedFile => ({ format, foreign: true, tasks, warnings: warnings.list() })),
  )
}

const readyTask = (task: NewTask): ImportedTask => ({ task, importedState: { status: 'ready' } })

/** Completes the message about a file that is a single JSON text. */
const completeError: <A>(json: E.Either<string, A>) => E.Either<string, A> = E.mapLeft(problem => `it ${problem}`)

/** Parses a JSON list, or one object per line. */
const parseList = (text: string): E.Either<string, ReadonlyArray<JsonItem>> =>
  text.trimStart().startsWith('[')
    ? pipe(completeError(parseLenientJson(text)), E.chain(toIssues))
    : parseJsonLines(text)

const toIssues = (json: unknown): E.Either<string, ReadonlyArray<JsonItem>> =>
  Array.isArray(json)
    ? E.right(
        (json as ReadonlyArray<unknown>).map((item, index): JsonItem => ({
          position: `issue ${index + 1}`,
          json: item,
        })),
      )
    : E.left('expected a list of issues')
