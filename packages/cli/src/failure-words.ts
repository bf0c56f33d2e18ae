import type { LogFailure } from '@claimlog/event-log'
import type { NetworkFileSystem } from '@claimlog/event-log-file'
import type { Words } from './problem.ts'

/** Puts what the world can do to a log into words. */
export const failureWords = (failure: LogFailure | NetworkFileSystem): Words => {
  switch (failure.failure) {
    case 'SeqConflict':
      return {
        error: 'seq_conflict',
        message: `the log ends at seq ${failure.actualSeq}, not at ${failure.expectedSeq}`,
        hint: 'look at what came in between, and ask again',
        data: { expected_seq: failure.expectedSeq, seq: failure.actualSeq },
      }
    case 'LockTimeout': {
      const { path, waitedMs, holderPid } = failure
      const holder = holderPid === undefined ? 'another process' : `process ${holderPid}`
      return {
        error: 'lock_timeout',
        message: `${holder} has held the lock on ${path} for the ${waitedMs} ms that were waited`,
        hint: 'ask again, with a longer --lock-timeout, or see what that process is doing; nothing was changed',
        data: { path, waited_ms: waitedMs, holder_pid: holderPid },
      }
    }
    case 'LogDamaged': {
      const { path, line, offset, detail } = failure
      return {
        error: 'log_damaged',
        message: `${path} is damaged at line ${line}, byte ${offset}: ${detail}`,
        hint: 'nothing was changed; keep a copy of the file before anything else, then compare that line with a backup',
        data: { path, line, offset },
      }
    }
    case 'UnknownFormat': {
      const { path, line, offset, detail } = failure
      return {
        error: 'unknown_format',
        message: `${path}, line ${line}, byte ${offset}: ${detail}`,
        hint: 'a newer claimlog wrote this; install that version',
        data: { path, line, offset },
      }
    }
    case 'NoLog':
      return {
        error: 'no_workspace',
        message: `there is no ${failure.path}`,
        hint: 'claimlog init makes a workspace; --dir DIR or CLAIMLOG_DIR name another one',
        data: { path: failure.path },
      }
    case 'IoFailed': {
      const { path, operation, code, detail } = failure
      return {
        error: 'io_failed',
        message: `could not ${operation} ${path}: ${detail}`,
        hint: ioHint(code),
        data: { path, operation, code },
      }
    }
    case 'OutcomeUnknown':
      return {
        error: 'outcome_unknown',
        message: `${failure.path} was written, but whether it will last is not known: ${failure.operation} failed: ${failure.detail}`,
        hint: 'look at the disk, then at claimlog show, before you ask again',
        data: { path: failure.path, operation: failure.operation },
      }
    case 'TooLarge':
      return {
        error: 'bad_input',
        message: `the event would take ${failure.bytes} bytes, and a line has at most ${failure.maxBytes}`,
        hint: 'put large data in a file and its name in the payload or the result',
        data: { bytes: failure.bytes, max_bytes: failure.maxBytes },
      }
    case 'NetworkFileSystem':
      return {
        error: 'network_file_system',
        message: `${failure.path} is on a network file system (${failure.fileSystem}), whose locks and caches promise less than claimlog needs`,
        hint: 'choose a directory on a local disk; --force takes this one all the same',
        data: { path: failure.path, file_system: failure.fileSystem },
      }
  }
}

const ioHint = (code: string): string => {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'make room on the disk and ask again; nothing was changed'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may read this workspace but not write it: ask whoever owns the directory; nothing was changed'
    default:
      return 'look at the disk and the path, and ask again; nothing was changed'
  }
}
