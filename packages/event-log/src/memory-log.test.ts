import { describe, it } from 'vitest'
import { eventLogLaws, isApplicable, type LogStorage, type SampleEvent } from './conformance.ts'
import { memoryLog, memoryStorage } from './memory-log.ts'

const openStorage = (): LogStorage => {
  const storage = memoryStorage<SampleEvent>(Date.now)
  return {
    open: async () => memoryLog(storage),
    dispose: async () => undefined,
    loseTail: async seq => void storage.events.splice(seq),
    // The storage has the only clock: a machine cannot change it.
    openWithClock: async () => memoryLog(storage),
  }
}

describe('a log in memory', () => {
  for (const law of eventLogLaws) it.runIf(isApplicable(law, openStorage()))(law.title, () => law.check(openStorage()))
})
