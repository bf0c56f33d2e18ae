import * as E from 'fp-ts/lib/Either.js'
import type { Event, NewTask } from '@claimlog/domain'
import { memoryLog, memoryStorage } from '@claimlog/event-log'
import type { CommandInput } from '../src/command-input.ts'
import { openWorkspace, type Workspace } from '../src/workspace.ts'

/** Two processes on one log: one that waits, and another one that does what it waits for. */
export type WaitingScene = {
  /**
   * The waiting one. Its log notifies of each append, and of nothing else: without a notification it keeps sleeping.
   */
  readonly workspace: Workspace
  /** Runs a command in the other one. */
  readonly run: (input: CommandInput) => Promise<void>
  /** Counts the checks of the waiting one. */
  readonly checkCount: () => number
  /** Resolves when the waiting one has checked since the last call. */
  readonly waitForCheck: () => Promise<void>
  /** The history of the tasks after they were added, as `worker event task`. */
  readonly history: () => ReadonlyArray<string>
  /** Resolves when the history contains `line`. */
  readonly waitForLine: (line: string) => Promise<void>
}

/** Opens a workspace with `tasks`. */
export const waitingScene = async (...tasks: ReadonlyArray<NewTask>): Promise<WaitingScene> => {
  const storage = memoryStorage<Event>()
  const waiter = openWorkspace({ log: memoryLog(storage) })
  const other = openWorkspace({ log: memoryLog(storage) })
  const run: WaitingScene['run'] = async input => {
    const result = await other.run(input)()
    if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  }
  await run({ command: 'open', workspace: 'b7c1' })
  if (tasks.length > 0) await run({ command: 'add', tasks })
  let [checks, lastChecks] = [0, 0]
  const history: WaitingScene['history'] = () =>
    storage.events.flatMap(event =>
      'taskId' in event && 'worker' in event ? [`${event.worker} ${event.event} ${event.taskId}`] : [],
    )
  return {
    workspace: {
      ...waiter,
      query: view => async () => {
        const result = await waiter.query(view)()
        checks += 1
        return result
      },
    },
    run,
    checkCount: () => checks,
    waitForCheck: async () => {
      await waitFor(() => checks > lastChecks)
      lastChecks = checks
    },
    history,
    waitForLine: line => waitFor(() => history().includes(line)),
  }
}

const waitFor = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 2))
}
