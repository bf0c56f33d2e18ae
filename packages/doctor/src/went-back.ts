import { logWentBackWords, wentBackHint } from '@claimlog/messages'
import type { Rewind } from '@claimlog/queue-file'
import { logFileName } from '@claimlog/event-log-file'
import { type Finding, findingOf } from './check.ts'

/** The finding for a `queue.json` that was written from a longer log than this one. */
export const wentBack = (rewind: Rewind): Finding =>
  findingOf('', [
    {
      state: 'warning',
      message: logWentBackWords(rewind, logFileName).replaceAll(/\n */g, ' '),
      mend: wentBackHint(rewind),
    },
  ])
