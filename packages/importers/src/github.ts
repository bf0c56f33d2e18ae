import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isObject } from '@claimlog/codecs'
import type { ImportedState, Kind } from '@claimlog/domain'
import { kindFrom } from './fitting-names.ts'
import { type ForeignFields, foreignFields } from './foreign-fields.ts'
import type { ForeignTask } from './foreign-task.ts'
import type { LeftOutReport } from './left-out.ts'
import type { PlacedJson } from './placed-json.ts'

/**
 * Reads GitHub issues, as `gh issue list --json number,title,…` prints them, with any of its fields but at least
 * `number` and `title`. Issue 12 becomes `gh-12`.
 */
export const readGithub = (
  issues: ReadonlyArray<PlacedJson>,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> =>
  pipe(
    issues,
    E.traverseArray(({ place, json }) => readIssue(place, json, kind, report)),
  )

const readIssue = (place: string, json: unknown, kind: Kind, report: LeftOutReport): E.Either<string, ForeignTask> => {
  const number = isObject(json) && Number.isSafeInteger(json.number) ? Number(json.number) : undefined
  return pipe(
    foreignFields(json, number === undefined ? place : `gh-${number}`, report),
    E.chain(fields =>
      number === undefined
        ? E.left(`${place} needs a "number", as gh issue list --json number,title prints it`)
        : taskOf(`gh-${number}`, fields, kind, report),
    ),
  )
}

const taskOf = (
  id: string,
  fields: ForeignFields,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ForeignTask> => {
  const { any, text, items, leaveRest } = fields
  const title = text('title')
  if (title === undefined) return E.left(`${id} needs a "title", as gh issue list --json number,title prints it`)
  any('number')
  const task: ForeignTask = {
    place: id,
    id,
    kind: kindFrom(nameOf(any('issueType')), kind),
    title,
    payload: { body: text('body'), url: text('url'), milestone: titleOf(any('milestone')) },
    needs: blockersOf(fields, report),
    tags: items('labels').flatMap(label => nameOf(label) ?? []),
    standing: standingOf(fields, report),
  }
  leaveRest()
  return E.right(task)
}

/** A label or a type is a name, or an object with a name. */
const nameOf = (value: unknown): string | undefined => named(value, 'name')
const titleOf = (value: unknown): string | undefined => named(value, 'title')

const named = (value: unknown, name: string): string | undefined => {
  const word = isObject(value) ? value[name] : value
  return typeof word === 'string' && word !== '' ? word : undefined
}

const standingOf = ({ text, any, items, at }: ForeignFields, report: LeftOutReport): ImportedState => {
  const state = text('state')?.toUpperCase()
  const reason = text('stateReason')?.toUpperCase()
  const isClosed = any('closed') === true || state === 'CLOSED'
  const [worker] = items('assignees').flatMap(assignee => named(assignee, 'login') ?? [])
  if (!isClosed) {
    if (worker !== undefined)
      report.leave('claim', 'assignees', 'an assignee may not have started; only work in progress is claimed', at)
    if (state !== undefined && state !== 'OPEN') report.leave('status', state, 'it is neither OPEN nor CLOSED', at)
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
const blockersOf = ({ any, at, text }: ForeignFields, report: LeftOutReport): ReadonlyArray<string> => {
  const blockers = any('blockedBy')
  const nodes = isObject(blockers) ? blockers.nodes : blockers
  if (nodes === undefined || !Array.isArray(nodes)) return []
  const repository = repositoryOf(text('url'))
  return (nodes as ReadonlyArray<unknown>).flatMap(node => {
    const { number, state, url } = isObject(node) ? node : {}
    const isElsewhere = typeof url === 'string' && repository !== undefined && repositoryOf(url) !== repository
    const why = !Number.isSafeInteger(number)
      ? 'the blocking issue has no number'
      : isElsewhere
        ? 'the blocking issue is in another repository'
        : typeof state === 'string' && state.toUpperCase() === 'CLOSED'
          ? 'the blocking issue is closed'
          : undefined
    if (why === undefined) return [`gh-${String(number)}`]
    report.leave('need', 'blockedBy', why, at)
    return []
  })
}

const repositoryOf = (url: string | undefined): string | undefined => url?.replace(/\/issues\/\d+.*$/, '')
