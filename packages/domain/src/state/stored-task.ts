import { specOf, type Task } from './task.ts'

/** A task's record as text; {@link readTask} makes the same record of it. */
export const storedTask = (task: Task): string => JSON.stringify(task)

/**
 * The record that {@link storedTask} wrote. Every field is there, undefined where it has no value, as in a record that was
 * folded: records of one shape are faster to work on.
 */
export const readTask = (text: string): Task => {
  const said = JSON.parse(text) as Task
  const everyField: { readonly [K in keyof Required<Task>]: Task[K] } = {
    id: said.id,
    kind: said.kind,
    seq: said.seq,
    addedAt: said.addedAt,
    spec: specOf(said.spec),
    notBeforeSetBy: said.notBeforeSetBy,
    status: said.status,
    attempts: said.attempts,
    openNeeds: said.openNeeds,
    hold: said.hold,
    claim: said.claim,
    dueAt: said.dueAt,
    settled: said.settled,
    lost: said.lost,
    finished: said.finished,
    revived: said.revived,
  }
  return everyField
}
