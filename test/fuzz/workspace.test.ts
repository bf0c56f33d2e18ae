import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyState, type Event, lineCodec, fold } from '@claimlog/domain'
import { openWorkspace } from '@claimlog/workspace'
import { openQueueFile, queueFileText } from '@claimlog/queue-file'
import { openFileLog } from '@claimlog/event-log-file'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { pickCommand } from './pick-command.ts'
import { fuzz, fuzzTimeoutMs } from './fuzz-runs.ts'
import { mutateBytes, mutateLog } from './mutation.ts'
import { readBytes } from './read-bytes.ts'
import { chainLines, noonMs, generateLog } from './generate-log.ts'

it(
  'a command on a hostile log appends after its complete decisions or changes nothing, and leaves queue.json correct',
  async () => {
    const parent = temporaryDirectory()
    await fuzz(80, async dice => {
      const lines = chainLines(mutateLog(dice, generateLog(dice).lines))
      const earlierBytes = dice.chance(25) ? mutateBytes(dice, lines) : lines
      const { events, failure } = readBytes(earlierBytes)
      const dir = mkdtempSync(join(parent, 'workspace-'))
      const logPath = join(dir, 'events.jsonl')
      writeFileSync(logPath, earlierBytes)

      const openResult = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
      if (E.isLeft(openResult)) throw new Error(openResult.left.failure)
      const log = openResult.right
      const queueFile = openQueueFile({ dir, log, notify: () => undefined, mode: 'each' })
      const workspace = openWorkspace({ log, queueFile, clock: () => ({ nowMs: noonMs }) })
      const { nowMs: _nowMs, ...input } = pickCommand(dice, fold(emptyState(), events), noonMs)
      const result = await workspace.run(input)()
      await workspace.close()

      const laterBytes = readFileSync(logPath)
      if (failure !== undefined) {
        expect({ result, unchanged: laterBytes.equals(earlierBytes) }).toMatchObject({
          result: E.left({ failure: failure.failure }),
          unchanged: true,
        })
        return
      }
      const read = readBytes(laterBytes)
      expect(read.failure).toBeUndefined()
      expect(JSON.stringify(read.events.slice(0, events.length))).toBe(JSON.stringify(events))
      if (E.isLeft(result) && read.events.length === events.length) expect(laterBytes.equals(earlierBytes)).toBe(true)
      if (read.events.length > events.length)
        expect(readFileSync(join(dir, 'queue.json'), 'utf8')).toBe(queueFileText(fold(emptyState(), read.events)))
    })
  },
  fuzzTimeoutMs,
)
