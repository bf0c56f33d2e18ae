import type { HeldTask } from '@claimlog/worker'
import { msOf } from '@claimlog/domain'
import type { ClaimView } from '@claimlog/wire'

/** What a command is told beside its task. */
export type Surroundings = {
  /** The workspace's directory, absolute. */
  readonly dir: string
  /** Where the command may write its result. */
  readonly resultPath: string
}

/**
 * The environment of a command: that of this process and the task, so that `claimlog renew`, `note` and `add` need no
 * flags inside. Without `CLAIMLOG_RUN`, which the guard adds (see guard.ts), and which is another's where it is set here.
 */
export const commandEnvironment = (
  { task, claim }: HeldTask,
  { dir, resultPath }: Surroundings,
  own: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv => ({
  ...own,
  CLAIMLOG_TASK_ID: task.id,
  CLAIMLOG_KIND: task.kind,
  CLAIMLOG_TOKEN: String(claim.token),
  CLAIMLOG_ATTEMPT: String(claim.attempt),
  CLAIMLOG_WORKER: claim.worker,
  CLAIMLOG_LEASE: leaseOf(claim),
  CLAIMLOG_DIR: dir,
  CLAIMLOG_RESULT: resultPath,
  CLAIMLOG_BY: own.CLAIMLOG_BY || claim.worker,
  CLAIMLOG_RUN: undefined,
})

/** How long the claim was made for, so that a command that renews it makes it last no longer than its worker does. */
const leaseOf = ({ claimed_at: from, lease_until: until }: ClaimView): string =>
  until === null ? 'none' : `${msOf(until) - msOf(from)}ms`
