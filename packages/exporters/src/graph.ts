import { type ListQuery, type DisplayStatus, displayStatus, type State, type Task, type Time } from '@claimlog/domain'
import { tasksOf } from './tasks-asked-for.ts'

/** A task of a graph. Its `name` is derived from its seq, so that no user text is part of the graph's syntax. */
type Node = {
  readonly name: string
  /** Its id and, if it has one, its title. */
  readonly lines: ReadonlyArray<string>
  readonly standing: DisplayStatus
}

/** Tasks and their dependencies. An arrow goes from a task to its dependent; both are in the graph. */
export type Graph = { readonly nodes: ReadonlyArray<Node>; readonly arrows: Iterable<readonly [string, string]> }

/** Builds the graph of the tasks that match `query`, with their status at `now`. */
export const graphOf = (state: State, query: ListQuery, now: Time): Graph => {
  const tasks = [...tasksOf(state, query)]
  const names = new Map(tasks.map(task => [task.id, nameOf(task)]))
  return { nodes: tasks.map(task => nodeOf(task, now)), arrows: arrowsOf(tasks, names) }
}

const nameOf = ({ seq }: Task): string => `t${seq}`

const nodeOf = (task: Task, now: Time): Node => {
  const { id, spec } = task
  const title = spec.title?.trim() ?? ''
  return { name: nameOf(task), lines: title === '' ? [id] : [id, title], standing: displayStatus(task, now) }
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
