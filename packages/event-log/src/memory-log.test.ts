import { describe, it } from 'vitest'
import { eventLogLaws, type SampleEvent } from './conformance.ts'
import { memoryLog, memoryStorage } from './memory-log.ts'

describe('a log in memory', () => {
  for (const law of eventLogLaws)
    it(law.title, async () => {
      const events = memoryStorage<SampleEvent>()
      await law.check({ open: async () => memoryLog(events), dispose: async () => undefined })
    })
})
