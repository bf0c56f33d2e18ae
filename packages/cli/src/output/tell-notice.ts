import {
  formatDuration,
  logWentBackWords,
  msOf,
  printable,
  shownPath,
  untrackCommands,
  wentBackHint,
  type WorkspaceNotice,
} from '@claimlog/client/unstable-internals'
import { tell } from './output.ts'

/** Tells a person what should be known of the workspace, on stderr. */
export const tellNotice = (notice: WorkspaceNotice): void => {
  switch (notice.notice) {
    case 'QueueFileEdited':
      tell(
        `claimlog: ${shownPath(notice.path)} was edited by hand. It is written from events.jsonl and never read, so the edit\n` +
          `  changed nothing; it is kept as ${shownPath(notice.keptAs)}.\n` +
          `  Where you would run \`claimlog import queue.json\`, run \`claimlog import ${shownPath(notice.keptAs)}\` to take its tasks over.\n`,
      )
      return
    case 'QueueFileNotWritten':
      tell(
        `claimlog: ${shownPath(notice.path)} could not be brought up to date: ${printable(notice.detail)}\n` +
          '  The command itself is done. claimlog replay writes the file anew.\n',
      )
      return
    case 'QueueFileTooLarge':
      tell(
        `claimlog: ${shownPath(notice.path)} would have more than ${notice.maxBytes / 1024 / 1024} MiB, so it is no longer kept up to date.\n` +
          '  The tasks are all in events.jsonl: claimlog list and claimlog export show them, claimlog replay writes the file.\n',
      )
      return
    case 'LogWentBack':
      tell(
        `claimlog: ${logWentBackWords(notice, shownPath(notice.path))}\n` +
          `  The queue.json of then is kept as ${shownPath(notice.keptAs)}: it shows where the tasks stood.\n` +
          `  ${wentBackHint(notice)}\n`,
      )
      return
    case 'LogAhead':
      tell(
        `claimlog: the log's latest time is ${notice.time}, ${formatDuration(msOf(notice.time) - notice.nowMs)} ahead of this machine's clock: a process\n` +
          '  wrote to it under a wrong clock, or this clock is wrong. Times on new lines stand still until the clock gets there;\n' +
          '  leases, delays and retries take their length all the same. claimlog doctor shows the line.\n',
      )
      return
    case 'LogTracked':
      tell(
        `claimlog: git tracks ${shownPath(notice.path)}: a checkout, stash, reset or merge can take back what was answered,\n` +
          '  and the same token is then given twice. Take the log out of git, and commit that on every branch:\n' +
          untrackCommands(notice)
            .map(command => `    ${printable(command)}\n`)
            .join('') +
          '  Until a branch has that commit, switching to it puts an old copy of the log here.\n',
      )
  }
}
