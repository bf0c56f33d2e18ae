import type { HasSystemError, IoFailed } from '@claimlog/event-log'
import type { MainCheckout } from './git/main-checkout.ts'
import type { ClosedPath } from './closed-path.ts'

/** There is no workspace at or above `from`, nor in the main checkout of a linked git worktree. */
export type NoWorkspace = {
  readonly failure: 'NoWorkspace'
  readonly from: string
  /** The main checkout of the linked worktree that contains `from`; undefined: it is not in one. */
  readonly main: MainCheckout | undefined
}

/** The nearest `.claimlog`, at `path`, is not a workspace. One further away is not used instead. */
export type NotAWorkspace = {
  readonly failure: 'NotAWorkspace'
  readonly path: string
  /** True if it was named, and not found as the nearest. */
  readonly named?: true
  /**
   * `emptied`: there is no log, but other files of a workspace; `not_fetched`: there is only DVC's reference to a log.
   */
  readonly cause: 'no_log' | 'emptied' | 'not_fetched' | 'no_directory' | 'dangling_link' | 'link_cycle'
  readonly uid: number
  readonly mode: number
}

/** A directory or the log at `path` is closed to this user, so it is unknown if there is a workspace. */
export type AccessDenied = HasSystemError & {
  readonly failure: 'AccessDenied'
  readonly path: string
  readonly closed: ClosedPath
}

/** The working directory was deleted, and a search was to start there: for `path`, or for a workspace. */
export type NoWorkingDirectory = { readonly failure: 'NoWorkingDirectory'; readonly path?: string }

/** The `config.json` of a workspace, at `path`, cannot be used. */
export type ConfigUnusable = { readonly failure: 'ConfigUnusable'; readonly path: string; readonly detail: string }

/** A directory has a log, at `path`, and a `config.json` that leads to another one: it is unknown which one is meant. */
export type TwoLogs = {
  readonly failure: 'TwoLogs'
  readonly path: string
  readonly configPath: string
  /** Without a password. */
  readonly url: string
}

/** A command needs the files of a log in a directory, and the log is on a server. `url` has no password. */
export type LogOnServer = { readonly failure: 'LogOnServer'; readonly url: string }

/** The URL of a log cannot be used. It is left out of the failure, as any part of it may be a piece of a password. */
export type LogUrlUnusable = { readonly failure: 'LogUrlUnusable'; readonly detail: string }

/** Why no workspace was found. */
export type SearchFailure =
  | NoWorkspace
  | NotAWorkspace
  | AccessDenied
  | NoWorkingDirectory
  | ConfigUnusable
  | TwoLogs
  | LogOnServer
  | LogUrlUnusable
  | IoFailed
