import type { Tool } from '../tool.ts'
import { addTasks } from './add-tasks.ts'
import { claimTask } from './claim-task.ts'
import { completeTask } from './complete-task.ts'
import { failTask } from './fail-task.ts'
import { listTasks } from './list-tasks.ts'
import { releaseTask } from './release-task.ts'
import { renewClaim } from './renew-claim.ts'
import { traceTask } from './trace-task.ts'

/** All tools, in the order of `tools/list`. */
export const allTools: ReadonlyArray<Tool> = [
  claimTask,
  completeTask,
  failTask,
  releaseTask,
  renewClaim,
  addTasks,
  listTasks,
  traceTask,
]
