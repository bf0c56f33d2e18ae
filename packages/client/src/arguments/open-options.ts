import type { Backoff } from '@claimlog/domain'
import type { WorkspaceNotice } from '@claimlog/workspace'
import type { LogOptions } from '../log/opened-log.ts'
import type { SignalOption } from '../queue-methods.ts'

/** The options to open a queue. */
export type OpenOptions = LogOptions & {
  /**
   * The URL of a log on a server: `postgres://user@host/database?workspace=name`. A password belongs in `PGPASSWORD` or
   * `~/.pgpass`. With `dir`, that directory gets `queue.json` and other derived files. Default: `$CLAIMLOG_LOG`, unless
   * `dir` is given.
   */
  readonly log?: string
  /**
   * The directory that contains `events.jsonl`. Default: `$CLAIMLOG_DIR`, else the nearest `.claimlog/` in the working
   * directory or above; in a linked git worktree without one it is the main checkout's.
   */
  readonly dir?: string
  /** The default name of workers; default `<host>-<pid>`. */
  readonly worker?: string
  /**
   * Called if git tracks the log, or if `queue.json` was edited or cannot be written. If it throws, the process has an
   * uncaught exception; the command that called it continues.
   */
  readonly onNotice?: (notice: WorkspaceNotice) => void
}

/** The options to create a queue: the defaults of its tasks. */
export type InitOptions = OpenOptions &
  SignalOption & {
    /** The lease of a claim, in milliseconds; default 15 minutes. */
    readonly leaseMs?: number
    /** The maximum number of attempts; default 3. */
    readonly maxAttempts?: number
    /** The delay after a failed attempt, doubled each time. */
    readonly backoff?: Backoff
    /** Allows a directory on a network file system. */
    readonly force?: boolean
  }
