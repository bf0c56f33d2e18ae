import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyState, type Event, lineCodec, fold } from '@claimlog/domain'
import { openWorkspace } from '@claimlog/workspace'
import { openQueueFile, queueFileText } from '@claimlog/queue-file'
import { openFileLog } from '@claimlog/event-log-file'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { anyCommand } from './any-command.ts'
import { fuzz, fuzzTimeoutMs } from './fuzz-runs.ts'
import { hostileBytes, hostileLines } from './mutation.ts'
import { readBytes } from './read-bytes.ts'
import { chained, noonMs, soundLog } from './sound-log.ts'

it(
  'a command on a hostile log appends after its complete decisions or changes nothing, and leaves queue.json correct',
  async () => {
    const parent = temporaryDirectory()
    await fuzz(80, async dice => {
      const lines = chained(hostileLines(dice, soundLog(dice).lines))
      const before = dice.chance(25) ? hostileBytes(dice, lines) : lines
      const { events, failure } = readBytes(before)
      const dir = mkdtempSync(join(parent, 'workspace-'))
      const logPath = join(dir, 'events.jsonl')
      writeFileSync(logPath, before)

      const opened = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
      if (E.isLeft(opened)) throw new Error(opened.left.failure)
      const log = opened.right
      const queueFile = openQueueFile({ dir, log, notify: () => undefined, mode: 'each' })
      const workspace = openWorkspace({ log, queueFile, clock: () => ({ nowMs: noonMs }) })
      const { nowMs: _nowMs, ...order } = anyCommand(dice, fold(emptyState(), events), noonMs)
      const answered = await workspace.run(order)()
      await workspace.close()

      const after = readFileSync(logPath)
      if (failure !== undefined) {
        expect({ answered, unchanged: after.equals(before) }).toMatchObject({
          answered: E.left({ failure: failure.failure }),
          unchanged: true,
        })
        return
      }
      const read = readBytes(after)
      expect(read.failure).toBeUndefined()
      expect(JSON.stringify(read.events.slice(0, events.length))).toBe(JSON.stringify(events))
      if (E.isLeft(answered) && read.events.length === events.length) expect(after.equals(before)).toBe(true)
      if (read.events.length > events.length)
        expect(readFileSync(join(dir, 'queue.json'), 'utf8')).toBe(queueFileText(fold(emptyState(), read.events)))
    })
  },
  fuzzTimeoutMs,
)
