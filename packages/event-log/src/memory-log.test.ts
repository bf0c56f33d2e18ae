import { describe, it } from 'vitest'
import { eventLogLaws, type Sample } from './conformance.ts'
import { memoryLog, memoryStorage } from './memory-log.ts'

describe('a log in memory', () => {
  for (const law of eventLogLaws)
    it(law.title, async () => {
      const events = memoryStorage<Sample>()
      await law.holdsOn({ open: async () => memoryLog(events), dispose: async () => undefined })
    })
})
