import * as E from 'fp-ts/lib/Either.js'
import type { ImportedTask, Json, Kind } from '@claimlog/domain'
import { parseJson } from '../json-text.ts'
import { readNdjson, withoutBom } from './ndjson.ts'
import { readQueueFormat } from './queue-format.ts'
import { defaultKind, readTaskGraph } from './task-graph.ts'

/**
 * The tasks in a file's text, which may be a queue file, a task graph or NDJSON; they are known apart by their shape.
 * `kind` is for tasks that name none. Left: what is wrong with the text, in words.
 */
export const readImport = (text: string, kind: Kind = defaultKind): E.Either<string, ReadonlyArray<ImportedTask>> => {
  const whole = withoutBom(text)
  if (isNdjson(whole)) {
    const tasks = readNdjson(whole)
    return E.isLeft(tasks) ? tasks : E.right(tasks.right.map(task => ({ task, standing: { status: 'ready' } })))
  }
  const json = parseJson(whole)
  if (E.isLeft(json)) return E.left(`it ${json.left}`)
  return isTaskGraph(json.right) ? readTaskGraph(json.right, kind) : readQueueFormat(json.right)
}

/** NDJSON: the first line that is not blank is an object by itself, and no file with `tasks` in it. */
const isNdjson = (text: string): boolean => {
  const first = text.trimStart().split('\n', 1)[0] ?? ''
  if (!first.startsWith('{')) return false
  try {
    const object = JSON.parse(first) as object
    return !('tasks' in object)
  } catch {
    return false
  }
}

/** Only a graph is a bare list, or has tasks with `deps`, with the status `pending`, or without a kind. */
const isTaskGraph = (json: Json): boolean => {
  if (Array.isArray(json)) return true
  const { tasks, claims } = (json ?? {}) as { readonly tasks?: Json; readonly claims?: Json }
  if (claims !== undefined || !Array.isArray(tasks)) return false
  return (tasks as ReadonlyArray<Json>).some(task => {
    if (typeof task !== 'object' || task === null) return false
    const fields = task as { readonly deps?: Json; readonly status?: Json; readonly kind?: Json }
    return fields.deps !== undefined || fields.status === 'pending' || fields.kind === undefined
  })
}
