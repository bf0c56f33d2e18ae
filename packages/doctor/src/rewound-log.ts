import { rewoundLogMessage, rewoundLogHint } from '@claimlog/messages'
import type { Rewind } from '@claimlog/queue-file'
import { logFileName } from '@claimlog/event-log-file'
import { type Finding, combineIssues } from './finding.ts'

/** The finding for a `queue.json` that was written from a longer log than this one. */
export const rewoundLogFinding = (rewind: Rewind): Finding =>
  combineIssues('', [
    {
      state: 'warning',
      message: rewoundLogMessage(rewind, logFileName).replaceAll(/\n */g, ' '),
      mend: rewoundLogHint(rewind),
    },
  ])
