import type { AwaitedTasks } from '@claimlog/domain'
import type { TaskView } from './task.ts'

/**
 * The tasks that a caller waits for, in the order they were given. Returned by the library only; not a JSON document.
 *
 * @interface
 */
export type WaitProgress = AwaitedTasks<TaskView>
