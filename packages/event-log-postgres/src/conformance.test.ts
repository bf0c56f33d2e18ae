import { afterAll, beforeAll, describe, it } from 'vitest'
import type { EventLog } from '@claimlog/event-log'
import { eventLogLaws, isApplicable, type SampleEvent } from '@claimlog/event-log/conformance'
import { describeEachServer } from '../testing/describe-each-server.ts'
import { type FaultProxy, startFaultProxy } from '../testing/fault-proxy/fault-proxy.ts'
import { findPooler, type Pooler, startPooler } from '../testing/pooler.ts'
import { createSampleWorkspace, loseTail, openSampleLog } from '../testing/sample-postgres-log.ts'
import type { PostgresLocation } from './postgres-location.ts'

/** Runs all laws on workspaces whose logs are opened at the place that `through` returns. */
const runLaws = (
  getProxy: () => FaultProxy,
  create: () => Promise<PostgresLocation>,
  through: (location: PostgresLocation) => PostgresLocation,
): void => {
  for (const law of eventLogLaws) {
    it(law.title, async () => {
      const location = await create()
      const proxy = getProxy()
      const opened: Array<EventLog<SampleEvent>> = []
      const openAt = async (place: PostgresLocation): Promise<EventLog<SampleEvent>> => {
        const log = await openSampleLog(place)
        opened.push(log)
        return log
      }
      const dispose = async (): Promise<void> => {
        await Promise.all(opened.map(log => log.close()))
      }
      const storage = {
        open: () => openAt(through(location)),
        dispose,
        loseTail: (seq: number) => loseTail(location, seq),
        openLossy: () => openAt({ ...location, hosts: [{ host: '127.0.0.1', port: proxy.port }] }),
        loseNextAnswer: (meanwhile: () => Promise<void>) => {
          // The session that is open stays, and a new one has to wait.
          proxy.refuse()
          const isLost = proxy.failNext('lose-answer', { matching: ({ text }) => text.includes('append') })
          void isLost.then(meanwhile).then(() => proxy.accept())
        },
        openWithClock: async (offsetMs: number) => {
          const { now } = Date
          Date.now = () => now() + offsetMs
          try {
            return await openAt(through(location))
          } finally {
            Date.now = now
          }
        },
      }
      if (!isApplicable(law, storage)) throw new Error('a database can have every accident')
      try {
        await law.check(storage)
      } finally {
        await dispose()
      }
    })
  }
}

describeEachServer('a log in PostgreSQL', getCluster => {
  let proxy: FaultProxy | undefined
  let pooler: Pooler | undefined
  const pgbouncer = findPooler()
  beforeAll(async () => {
    proxy = await startFaultProxy(getCluster())
    if ('found' in pgbouncer) pooler = await startPooler(pgbouncer.found, getCluster())
  })
  afterAll(async () => {
    proxy?.dispose()
    await pooler?.dispose()
  })
  const create = (): Promise<PostgresLocation> => createSampleWorkspace(getCluster())
  const getProxy = (): FaultProxy => proxy as FaultProxy

  describe('over a direct connection', () => {
    runLaws(getProxy, create, location => location)
  })
  describe('through a proxy', () => {
    runLaws(getProxy, create, location => ({ ...location, hosts: [{ host: '127.0.0.1', port: getProxy().port }] }))
  })
  describe.runIf('found' in pgbouncer)('through pgbouncer in transaction mode', () => {
    runLaws(getProxy, create, location => ({
      ...location,
      hosts: [{ host: '127.0.0.1', port: pooler?.port ?? 0 }],
      prepare: false,
    }))
  })
})
