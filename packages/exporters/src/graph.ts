import { type ListQuery, type Standing, standingAt, type State, type Task, type Time } from '@claimlog/domain'
import { tasksOf } from './tasks-asked-for.ts'

/** A task of a graph. Its `name` is made of its seq: no text of anybody's stands where a graph has its syntax. */
type Node = {
  readonly name: string
  /** Its id and, where it has one, its title, a line each. */
  readonly lines: ReadonlyArray<string>
  readonly standing: Standing
}

/** The tasks and what they need. An arrow goes from a task to one that waits for it; both are among the tasks. */
export type Graph = { readonly nodes: ReadonlyArray<Node>; readonly arrows: Iterable<readonly [string, string]> }

/** The graph of the tasks that `query` asks for, at the moment `now`. */
export const graphOf = (state: State, query: ListQuery, now: Time): Graph => {
  const tasks = [...tasksOf(state, query)]
  const names = new Map(tasks.map(task => [task.id, nameOf(task)]))
  return { nodes: tasks.map(task => nodeOf(task, now)), arrows: arrowsOf(tasks, names) }
}

const nameOf = ({ seq }: Task): string => `t${seq}`

const nodeOf = (task: Task, now: Time): Node => {
  const { id, spec } = task
  const title = spec.title?.trim() ?? ''
  return { name: nameOf(task), lines: title === '' ? [id] : [id, title], standing: standingAt(task, now) }
}

const arrowsOf = function* (
  tasks: ReadonlyArray<Task>,
  names: ReadonlyMap<string, string>,
): Iterable<readonly [string, string]> {
  for (const task of tasks)
    for (const need of new Set(task.spec.needs)) {
      const from = names.get(need)
      if (from !== undefined) yield [from, nameOf(task)]
    }
}
