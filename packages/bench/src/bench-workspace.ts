import { mkdirSync } from 'node:fs'
import { openWorkspace, type Order, queueFileWriter, type Workspace } from '@claimlog/coordinator'
import { type Event, lineCodec } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { createFileLog, type Durability, openFileLog, withLockFile } from '@claimlog/event-log-file'

/** The one kind that the tasks of a measurement have. */
const benchKind = 'docs'

/** A right, or an exception: here nothing is expected to go wrong. */
export const rightOf = <A>(
  either: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (either._tag === 'Right') return either.right
  throw new Error(`not expected in a measurement: ${JSON.stringify(either.left)}`)
}

/** A workspace as a program that runs for long uses it: `queue.json` follows within a moment, not at every answer. */
export type BenchWorkspace = { readonly workspace: Workspace; readonly log: EventLog<Event> }

/** Opens the workspace in `dir` for many commands. */
export const openBenchWorkspace = async (dir: string, durability: Durability): Promise<BenchWorkspace> => {
  const log = rightOf(await openFileLog<Event>({ dir, codec: lineCodec, durability })())
  const notify = (notice: unknown): void => console.error(JSON.stringify(notice))
  const queueFile = queueFileWriter({ dir, log, withLockFile, notify, mode: 'coalesced' })
  return { log, workspace: openWorkspace({ log, queueFile }) }
}

/** Runs one command, which must succeed. */
const run = async (workspace: Workspace, order: Order) => rightOf(await workspace.run(order)())

const tasksPerCommand = 10_000

/** Makes a workspace of `tasks` ready tasks in `dir`. */
export const makeWorkspace = async (dir: string, tasks: number): Promise<void> => {
  mkdirSync(dir, { recursive: true })
  rightOf(createFileLog(dir, false))
  const { workspace } = await openBenchWorkspace(dir, 'os')
  await run(workspace, { command: 'open', workspace: '00000000-0000-4000-8000-000000000000' })
  for (let added = 0; added < tasks; added += tasksPerCommand)
    await run(workspace, {
      command: 'add',
      tasks: Array.from({ length: Math.min(tasksPerCommand, tasks - added) }, (_, i) => ({
        taskId: `task-${added + i + 1}`,
        kind: benchKind,
      })),
    })
  await workspace.close()
}

/** Claims the next task and completes it; false: there is none left. */
export const cycle = async (workspace: Workspace, worker: string): Promise<boolean> => {
  const claimed = await workspace.run({ command: 'claim', worker, kinds: [benchKind] })()
  if (claimed._tag === 'Left' && 'error' in claimed.left && claimed.left.error === 'no_ready_task') return false
  for (const { task, claim } of rightOf(claimed).tasks)
    await run(workspace, { command: 'complete', worker, taskId: task.id, token: claim?.token })
  return true
}
