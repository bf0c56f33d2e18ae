import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isObject } from '@claimlog/codecs'
import type { ImportedState, Kind } from '@claimlog/domain'
import { toKind } from './sanitize-name.ts'
import { type ExternalFields, readFields } from './external-fields.ts'
import type { ExternalTask } from './external-task.ts'
import type { ImportWarnings } from './import-warnings.ts'
import type { JsonItem } from './json-items.ts'

/**
 * Reads GitHub issues, as `gh issue list --json number,title,…` prints them, with any of its fields but at least
 * `number` and `title`. Issue 12 becomes `gh-12`.
 */
export const readGithub = (
  issues: ReadonlyArray<JsonItem>,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ExternalTask>> =>
  pipe(
    issues,
    E.traverseArray(({ position, json }) => readIssue(position, json, kind, warnings)),
  )

const readIssue = (
  position: string,
  json: unknown,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ExternalTask> => {
  const number = isObject(json) && Number.isSafeInteger(json.number) ? Number(json.number) : undefined
  return pipe(
    readFields(json, number === undefined ? position : `gh-${number}`, warnings),
    E.chain(fields =>
      number === undefined
        ? E.left(`${position} needs a "number", as gh issue list --json number,title prints it`)
        : toTask(`gh-${number}`, fields, kind, warnings),
    ),
  )
}

const toTask = (
  id: string,
  fields: ExternalFields,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ExternalTask> => {
  const { any, text, items, reportUnread } = fields
  const title = text('title')
  if (title === undefined) return E.left(`${id} needs a "title", as gh issue list --json number,title prints it`)
  any('number')
  const task: ExternalTask = {
    position: id,
    id,
    kind: toKind(readName(any('issueType')), kind),
    title,
    payload: { body: text('body'), url: text('url'), milestone: readTitle(any('milestone')) },
    needs: readBlockers(fields, warnings),
    tags: items('labels').flatMap(label => readName(label) ?? []),
    importedState: readStatus(fields, warnings),
  }
  reportUnread()
  return E.right(task)
}

/** A label or a type is a name, or an object with a name. */
const readName = (value: unknown): string | undefined => readTextOrField(value, 'name')
const readTitle = (value: unknown): string | undefined => readTextOrField(value, 'title')

const readTextOrField = (value: unknown, name: string): string | undefined => {
  const text = isObject(value) ? value[name] : value
  return typeof text === 'string' && text !== '' ? text : undefined
}

const readStatus = ({ text, any, items, itemRef }: ExternalFields, warnings: ImportWarnings): ImportedState => {
  const state = text('state')?.toUpperCase()
  const reason = text('stateReason')?.toUpperCase()
  const isClosed = any('closed') === true || state === 'CLOSED'
  const [worker] = items('assignees').flatMap(assignee => readTextOrField(assignee, 'login') ?? [])
  if (!isClosed) {
    if (worker !== undefined)
      warnings.add('claim', 'assignees', 'an assignee may not have started; only work in progress is claimed', itemRef)
    if (state !== undefined && state !== 'OPEN') warnings.add('status', state, 'it is neither OPEN nor CLOSED', itemRef)
    return { status: 'ready' }
  }
  if (reason === 'NOT_PLANNED' || reason === 'DUPLICATE')
    return {
      status: 'cancelled',
      reason: `closed on GitHub as ${reason === 'DUPLICATE' ? 'a duplicate' : 'not planned'}`,
    }
  return { status: 'done', worker }
}

/** The open issues that block this one, if `blockedBy` is among the fields. */
const readBlockers = ({ any, itemRef, text }: ExternalFields, warnings: ImportWarnings): ReadonlyArray<string> => {
  const blockers = any('blockedBy')
  const nodes = isObject(blockers) ? blockers.nodes : blockers
  if (nodes === undefined || !Array.isArray(nodes)) return []
  const repository = repositoryUrl(text('url'))
  return (nodes as ReadonlyArray<unknown>).flatMap(node => {
    const { number, state, url } = isObject(node) ? node : {}
    const isOtherRepository = typeof url === 'string' && repository !== undefined && repositoryUrl(url) !== repository
    const why = !Number.isSafeInteger(number)
      ? 'the blocking issue has no number'
      : isOtherRepository
        ? 'the blocking issue is in another repository'
        : typeof state === 'string' && state.toUpperCase() === 'CLOSED'
          ? 'the blocking issue is closed'
          : undefined
    if (why === undefined) return [`gh-${String(number)}`]
    warnings.add('need', 'blockedBy', why, itemRef)
    return []
  })
}

const repositoryUrl = (url: string | undefined): string | undefined => url?.replace(/\/issues\/\d+.*$/, '')
