import { logWentBackWords, wentBackHint } from '@claimlog/messages'
import type { Rewind } from '@claimlog/queue-file'
import { logFileName } from '@claimlog/event-log-file'
import { type Finding, findingOf } from './check.ts'

/** What is said of a `queue.json` that was written from more than the log holds. */
export const wentBack = (rewind: Rewind): Finding =>
  findingOf('', [
    {
      state: 'warning',
      message: logWentBackWords(rewind, logFileName).replaceAll(/\n */g, ' '),
      mend: wentBackHint(rewind),
    },
  ])
