import {
  formatDuration,
  rewoundLogMessage,
  timeToMs,
  toPrintable,
  displayPath,
  untrackCommands,
  rewoundLogHint,
  type WorkspaceNotice,
} from '@claimlog/client/unstable-internals'
import { toSentence, writeStderr } from './output.ts'

/** Prints a notice about the workspace on stderr. */
export const printNotice = (notice: WorkspaceNotice): void => {
  switch (notice.notice) {
    case 'QueueFileEdited':
      writeStderr(
        `claimlog: ${displayPath(notice.path)} was edited by hand. It is written from events.jsonl and never read, so the edit\n` +
          `  changed nothing; it is kept as ${displayPath(notice.keptAs)}.\n` +
          `  To import its tasks, run \`claimlog import ${displayPath(notice.keptAs)}\` instead of \`claimlog import queue.json\`.\n`,
      )
      return
    case 'QueueFileNotWritten':
      writeStderr(
        `claimlog: ${displayPath(notice.path)} could not be brought up to date: ${toPrintable(notice.detail)}\n` +
          '  The command itself succeeded. claimlog replay rebuilds the file.\n',
      )
      return
    case 'QueueFileTooLarge':
      writeStderr(
        `claimlog: ${displayPath(notice.path)} would exceed ${notice.maxBytes / 1024 / 1024} MiB, so it is no longer kept up to date.\n` +
          '  All tasks are in events.jsonl: claimlog list and claimlog export show them, claimlog replay writes the file.\n',
      )
      return
    case 'LogWentBack':
      writeStderr(
        `claimlog: ${rewoundLogMessage(notice, displayPath(notice.path))}\n` +
          `  The last queue.json is kept as ${displayPath(notice.keptAs)}: it shows the tasks as they were before.\n` +
          `  ${toSentence(rewoundLogHint(notice))}\n`,
      )
      return
    case 'LogAhead':
      writeStderr(
        `claimlog: the log's latest time is ${notice.time}, ${formatDuration(timeToMs(notice.time) - notice.nowMs)} ahead of ${notice.clock === 'log' ? "the log's own" : "this machine's"} clock: a process\n` +
          '  with a wrong clock wrote to it, or this clock is wrong. New lines repeat that time until the clock catches up;\n' +
          '  leases, delays and retries still last as long as they should. claimlog doctor shows the line.\n',
      )
      return
    case 'LogTracked':
      writeStderr(
        `claimlog: git tracks ${displayPath(notice.path)}: a checkout, stash, reset or merge can undo acknowledged changes,\n` +
          '  and the same token is then granted twice. Remove the log from git, and commit that on every branch:\n' +
          untrackCommands(notice)
            .map(command => `    ${toPrintable(command)}\n`)
            .join('') +
          '  Switching to a branch without that commit restores an old copy of the log.\n',
      )
  }
}
