import { shellQuote } from './shell-quote.ts'
import { nativeLockHint } from './native-lock-hint.ts'
import type { DamageCause } from '@claimlog/event-log'
import type { AudienceMessage } from './error-message.ts'

/** True for a log on a server. */
export const isRemoteLog = (path: string): boolean => /^[a-z]+:\/\//.test(path)

const fileHistoryHint =
  'nothing was written; the log was restored or replaced while this process ran (by a backup, git stash or checkout): ' +
  'restore the newer log if you have it, or restart this process to continue from the file as it is; claimlog doctor shows more'

const remoteHistoryHint =
  'nothing was written; the server lost its last events, or its database was restored or replaced: claims that were ' +
  'answered may be granted again, so stop the workers, compare with claimlog verify, then restart them'

/** SQLSTATE of a server that has no connection left, or no space on its disk. */
const tooManyConnectionsState = '53300'
export const diskFullState = '53100'

/** The hint for a server that has used up its connections or its disk; undefined for other codes. */
export const exhaustedServerHint = (code: string | undefined): string | undefined => {
  if (code === tooManyConnectionsState)
    return 'the server has no connection left: stop processes that use it, raise max_connections, or put a pooler in front of it'
  return code === diskFullState ? 'free space on the disk of the server' : undefined
}

/** The hint for a server that does not answer, or turns this client away. `code`: SQLSTATE, or the system's. */
export const unreachableHint = (code: string | undefined): string => {
  if (code === 'unsafe_login')
    return 'it got no password; if you trust a server that config.json names, and it has no SCRAM, name it by --log or CLAIMLOG_LOG'
  if (code?.startsWith('28') === true)
    return 'check the user in the URL, and its password in PGPASSWORD or ~/.pgpass (only you may read that file)'
  if (code === '3D000') return 'check the name of the database in the URL, or create it'
  if (code === '42501') return 'the owner of the schema grants the rights: GRANT claimlog_worker TO this user'
  const cure = exhaustedServerHint(code) ?? 'check the server and the network (claimlog doctor shows more)'
  return `${cure}, then try again, or wait longer with --lock-timeout`
}

/** The hint for a log that lost what was read from it. */
export const historyHint = (path: string): string => (isRemoteLog(path) ? remoteHistoryHint : fileHistoryHint)

/** A line, and the byte at which it starts in a file. */
export const describeLine = (line: number, offset: number | undefined): string =>
  offset === undefined ? `line ${line}` : `line ${line}, byte ${offset}`

/** The hint for a damaged log, by the cause of the damage if it is known. */
export const damageHint = (cause: DamageCause | undefined): string => {
  switch (cause) {
    case 'conflict_markers':
    case 'merged_histories':
      return 'claimlog repair shows both sides, and how to continue with one, save the other and bring over its work'
    case 'line_endings':
      return 'claimlog repair shows how to restore the line endings; every event is kept'
    case 'pointer':
      return 'git lfs pull or git annex get fetches the log; then remove it from git: claimlog doctor shows how'
    case 'emptied':
      return 'restore the log from a backup, or from git if it was tracked; queue.json is unchanged and shows the last status of the tasks; claimlog import takes its open tasks into another workspace'
    case undefined:
      return 'make a copy of the directory, then run claimlog doctor and claimlog repair'
  }
}

/** The hint for a log that git-annex or DVC replaced by a symbolic link to `target`; undefined if neither did. */
export const linkHint = (path: string, target: string): string | undefined => {
  const log = shellQuote(path)
  if (/(?:^|\/)\.git\/annex\/objects\//.test(target))
    return `git-annex replaced it with a link into its store: git annex get ${log} fetches the log if it is missing, git annex unlock ${log} restores the file itself; then remove it from git: claimlog doctor shows how`
  if (/(?:^|\/)(?:\.dvc\/cache|files\/md5)\//.test(target))
    return `DVC replaced it with a link into its cache: dvc unprotect ${log} restores the file itself; then dvc remove ${shellQuote(`${path}.dvc`)} removes it from DVC`
  return undefined
}

/** The hint for a system call that failed. */
export const ioHint = (operation: string, code: string): string => {
  if (code === 'EACCES' && (operation === 'open' || operation === 'look at'))
    return 'you may not read it: ask its owner for access, or run claimlog as that user; claimlog doctor shows more'
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free some disk space and try again; nothing was changed'
    case 'EMFILE':
    case 'ENFILE':
      return 'close files or raise the limit of open files (ulimit -n), then try again; nothing was changed'
    case 'ENOMEM':
      return 'free some memory or raise the limit (ulimit -v), then try again; nothing was changed'
    case 'EFBIG':
      return 'raise the limit of file sizes (ulimit -f), then try again; nothing was changed'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may read this workspace but not write it: ask the owner of the directory for access; nothing was changed'
    case 'MODULE_NOT_FOUND':
    case 'ERR_DLOPEN_FAILED':
      return `${nativeLockHint}; claimlog doctor shows more`
    case 'ELOOP':
      return 'it is a symbolic link, and links inside a workspace are not followed: name the directory that has the file itself'
    case 'EINVAL':
    case 'EISDIR':
      return 'something else has the name of the log: check what it is, and move it out of the way'
    default:
      return 'check the disk and the path, then try again; nothing was changed'
  }
}

/** Describes a log that was moved to `target`: a URL or a directory, or undefined if that is not known. */
export const movedMessage = (log: string, target: string | undefined): Omit<AudienceMessage, 'error'> => ({
  message: `${log} was moved${target === undefined ? '' : ` to ${target}`} and accepts no more events`,
  hint: `nothing was changed; ${target === undefined ? 'use the log that it was moved to' : moveTargetHint(target)}`,
  agentHint: `nothing was changed; ask a person to start the server with the log that it was moved to`,
  data: { target },
})

/** The hint to use the log that another one was moved to. */
export const moveTargetHint = (target: string): string =>
  target.startsWith('/')
    ? `use --dir ${shellQuote(target)}, or set CLAIMLOG_DIR`
    : `use --log ${shellQuote(target)}, or set CLAIMLOG_LOG`
