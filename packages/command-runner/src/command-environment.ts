import type { HandlerContext } from '@claimlog/worker'
import { timeToMs } from '@claimlog/domain'
import type { ClaimView } from '@claimlog/wire'

/** The log that a command uses by its environment. */
export type CommandLog = {
  /** The URL of a log on a server, without a password: the command's own code is perhaps not to have it. */
  readonly url?: string | undefined
  /** The directory of the workspace, an absolute path; with a URL, that of the derived files, if one was named. */
  readonly dir?: string | undefined
}

/** The paths for a command, in addition to its task. */
export type CommandPaths = {
  readonly log: CommandLog
  /** The path to which the command may write its result. */
  readonly resultPath: string
}

/**
 * Returns the environment of a command: that of this process and variables for the task, so that `claimlog renew`,
 * `note` and `add` need no flags inside. Removes `CLAIMLOG_RUN`, which the watchdog sets (see watchdog.ts): an
 * inherited value belongs to another command.
 */
export const commandEnvironment = (
  { task, claim }: HandlerContext,
  { log, resultPath }: CommandPaths,
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv => ({
  ...environment,
  CLAIMLOG_TASK_ID: task.id,
  CLAIMLOG_KIND: task.kind,
  CLAIMLOG_TOKEN: String(claim.token),
  CLAIMLOG_ATTEMPT: String(claim.attempt),
  CLAIMLOG_WORKER: claim.worker,
  CLAIMLOG_LEASE: formatLease(claim),
  CLAIMLOG_LOG: log.url,
  CLAIMLOG_DIR: log.dir,
  CLAIMLOG_RESULT: resultPath,
  CLAIMLOG_BY: environment.CLAIMLOG_BY || claim.worker,
  CLAIMLOG_RUN: undefined,
})

/** The lease of the claim, so that a command that renews it uses the same one as its worker. */
const formatLease = ({ claimedAt, leaseUntil }: ClaimView): string =>
  leaseUntil === null ? 'none' : `${timeToMs(leaseUntil) - timeToMs(claimedAt)}ms`
