import { truncateSync } from 'node:fs'
import { describe, it } from 'vitest'
import { type EventLog } from '@claimlog/event-log'
import { eventLogLaws, isApplicable, type SampleEvent } from '@claimlog/event-log/conformance'
import { createLogDirectory, logLines, logPath, openSampleLog } from '../testing/sample-log.ts'

/** Accidents that a file can have. */
const createFaults = (dir: string) => ({
  loseTail: async (seq: number): Promise<void> => {
    const kept = logLines(dir).slice(0, seq)
    truncateSync(logPath(dir), Buffer.byteLength(kept.map(line => `${line}\n`).join('')))
  },
})

describe.each(['disk', 'os'] as const)('a log in a file (durability %s)', durability => {
  for (const law of eventLogLaws)
    it.runIf(isApplicable(law, createFaults('')))(law.title, async () => {
      const dir = createLogDirectory()
      const opened: Array<EventLog<SampleEvent>> = []
      const open = async (): Promise<EventLog<SampleEvent>> => {
        const log = await openSampleLog(dir, { durability })
        opened.push(log)
        return log
      }
      const dispose = async (): Promise<void> => {
        for (const log of opened) await log.close()
      }
      try {
        await law.check({ open, dispose, ...createFaults(dir) })
      } finally {
        await dispose()
      }
    })
})
