import type { AwaitedTasks } from '@claimlog/domain'
import type { TaskView } from './task.ts'

/**
 * How the tasks stand that somebody waits for, in the order they were named. A value of the library alone: no document of
 * files, but for its tasks.
 *
 * @interface
 */
export type AwaitedView = AwaitedTasks<TaskView>
