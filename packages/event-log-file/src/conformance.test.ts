import { describe, it } from 'vitest'
import { type EventLog } from '@claimlog/event-log'
import { eventLogLaws, type SampleEvent } from '@claimlog/event-log/conformance'
import { createLogDirectory, openSampleLog } from '../testing/sample-log.ts'

describe.each(['disk', 'os'] as const)('a log in a file (durability %s)', durability => {
  for (const law of eventLogLaws)
    it(law.title, async () => {
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
        await law.check({ open, dispose })
      } finally {
        await dispose()
      }
    })
})
