import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type Event, type Label, recordRepair } from '@claimlog/domain'
import type { AppendFailure, EventLog } from '@claimlog/event-log'
import { readClocks } from '@claimlog/workspace'

/** Other processes may append in between, but not for ever. */
const triesMax = 100

/**
 * Brings our log at least to the seq `spentSeq`, with events `repaired` that name the other copy: no token that it
 * granted is granted again. Returns the last seq of our log.
 */
export const spendTokens =
  (log: EventLog<Event>, spentSeq: number, remotePath: string, by: Label): TE.TaskEither<AppendFailure, number> =>
  async () => {
    const record = recordRepair({ command: 'repair', workspace: '', nowMs: readClocks(log)().nowMs, by })
    if (E.isLeft(record)) throw new Error('the repair command must not be refused')
    let lastTime: string | undefined
    for (let tries = 1; ; tries += 1) {
      const end = await log.read(0, events => {
        lastTime = events.at(-1)?.time ?? lastTime
      })()
      if (E.isLeft(end) || end.right >= spentSeq) return end
      const reason = 'another copy of this log granted tokens up to here'
      const quarantine = { name: basename(remotePath), offset: 0, ...(await sizeAndHash(remotePath)) }
      const events = record.right({ keptSeq: end.right, keptTime: lastTime, spentSeq, reason, quarantine })
      const appended = await log.append(end.right, [...events])()
      if (E.isRight(appended)) return E.right(spentSeq)
      if (appended.left.failure !== 'SeqConflict' || tries === triesMax) return appended
    }
  }

const sizeAndHash = async (path: string): Promise<{ readonly bytes: number; readonly sha256: string }> => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { bytes, sha256: hash.digest('hex') }
}
