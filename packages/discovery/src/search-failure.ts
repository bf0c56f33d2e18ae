import type { IoFailed } from '@claimlog/event-log'
import type { MainCheckout } from './git/main-checkout.ts'
import type { ClosedPath } from './closed-path.ts'

/** There is no workspace at or above `from`, nor where the main checkout of a linked git worktree is. */
export type NoWorkspace = {
  readonly failure: 'NoWorkspace'
  readonly from: string
  /** Of the linked worktree that `from` is in; undefined: it is in none. */
  readonly main: MainCheckout | undefined
}

/** What has the name of the nearest workspace, `path`, is none. One further away is not taken for it. */
export type NotAWorkspace = {
  readonly failure: 'NotAWorkspace'
  readonly path: string
  /** Whether it was named, and not found as the nearest. */
  readonly named?: true
  /**
   * `emptied`: no log is there, though other files of a workspace are; `not_fetched`: the reference is there that DVC keeps
   * of a log.
   */
  readonly cause: 'no_log' | 'emptied' | 'not_fetched' | 'no_directory' | 'dangling_link' | 'link_cycle'
  readonly uid: number
  readonly mode: number
}

/** Whether there is a workspace at `path` cannot be seen, as a directory is closed to this user, or the log at `path` is. */
export type AccessDenied = {
  readonly failure: 'AccessDenied'
  readonly path: string
  readonly closed: ClosedPath
}

/** The working directory was deleted, and something was to be looked for from there: `path`, or a workspace. */
export type NoWorkingDirectory = { readonly failure: 'NoWorkingDirectory'; readonly path?: string }

/** Why no workspace was found. */
export type SearchFailure = NoWorkspace | NotAWorkspace | AccessDenied | NoWorkingDirectory | IoFailed
