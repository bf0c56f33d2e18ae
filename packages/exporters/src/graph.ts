import { type ListQuery, type DisplayStatus, displayStatus, type State, type Task, type Time } from '@claimlog/domain'
import { selectTasks } from './select-tasks.ts'

/** A task of a graph. Its `name` is derived from its seq, so that no user text is part of the graph's syntax. */
type GraphNode = {
  readonly name: string
  /** Its id and, if it has one, its title. */
  readonly lines: ReadonlyArray<string>
  readonly status: DisplayStatus
}

/** Tasks and their dependencies. An arrow goes from a task to its dependent; both are in the graph. */
export type Graph = { readonly nodes: ReadonlyArray<GraphNode>; readonly arrows: Iterable<readonly [string, string]> }

/** Builds the graph of the tasks that match `query`, with their status at `now`. */
export const buildGraph = (state: State, query: ListQuery, now: Time): Graph => {
  const tasks = [...selectTasks(state, query)]
  const names = new Map(tasks.map(task => [task.id, nodeName(task)]))
  return { nodes: tasks.map(task => toNode(task, now)), arrows: listArrows(tasks, names) }
}

const nodeName = ({ seq }: Task): string => `t${seq}`

const toNode = (task: Task, now: Time): GraphNode => {
  const { id, spec } = task
  const title = spec.title?.trim() ?? ''
  return { name: nodeName(task), lines: title === '' ? [id] : [id, title], status: displayStatus(task, now) }
}

const listArrows = function* (
  tasks: ReadonlyArray<Task>,
  names: ReadonlyMap<string, string>,
): Iterable<readonly [string, string]> {
  for (const task of tasks)
    for (const need of new Set(task.spec.needs)) {
      const dependency = names.get(need)
      if (dependency !== undefined) yield [dependency, nodeName(task)]
    }
}
