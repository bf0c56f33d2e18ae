/** Finds the queue of a directory, in git checkouts and worktrees, and copies of it. */
export type { ClosedPath } from './closed-path.ts'
export { configFileName, hasOwnLog } from './config-file.ts'
export {
  absolutePath,
  findAccessDenied,
  defaultDirName,
  findLostLog,
  findPlace,
  findWorkspace,
  workingDirectory,
} from './find-workspace.ts'
export {
  findCheckout,
  isTracked,
  type LogTracked,
  type TrackedLog,
  watchTrackedLog,
  checkTracking,
} from './git/checkout.ts'
export { checkMoveTarget, followMove, type Relocation } from './follow-move.ts'
export { findCopies, findOtherQueues } from './git/find-copies.ts'
export { ignoreAll, ignoreFileName, ignoreOwnFiles } from './git/ignore-file.ts'
export { checkIgnored } from './git/ignored-log.ts'
export type { MainCheckout } from './git/main-checkout.ts'
export type { LogPlace, PlaceChoice, PlaceOnServer } from './log-place.ts'
export { hasPassword, requireScram, withoutPassword } from './log-url.ts'
export { checkConfigurable, configureWorkspace, makeWorkspace } from './make-workspace.ts'
export { locateWorkspace, type WorkspaceLocation } from './locate-workspace.ts'
export type {
  AccessDenied,
  ConfigUnusable,
  LogOnServer,
  LogUrlUnusable,
  NotAWorkspace,
  NoWorkingDirectory,
  NoWorkspace,
  SearchFailure,
  TwoLogs,
} from './search-failure.ts'
