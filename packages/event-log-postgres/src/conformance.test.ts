import pg from 'pg'
import { it } from 'vitest'
import type { EventLog } from '@claimlog/event-log'
import { eventLogLaws, isApplicable, type LogStorage, type SampleEvent } from '@claimlog/event-log/conformance'
import { describeEachServer } from '../testing/describe-each-server.ts'
import { newLocation, sampleCodec } from '../testing/sample-postgres-log.ts'
import type { Cluster } from '../testing/cluster.ts'
import { createPostgresLog } from './create-log.ts'
import { openPostgresLog } from './postgres-log.ts'
import * as E from 'fp-ts/lib/Either.js'

const createFaults = (cluster: Cluster, workspace: string) => ({
  loseTail: async (seq: number): Promise<void> => {
    const client = new pg.Client({ connectionString: cluster.url() })
    await client.connect()
    await client.query('ALTER TABLE claimlog.events DISABLE TRIGGER ALL')
    await client.query(
      'DELETE FROM claimlog.events WHERE seq > $1 AND workspace = (SELECT id FROM claimlog.workspaces WHERE name = $2)',
      [seq, workspace],
    )
    await client.query('ALTER TABLE claimlog.events ENABLE TRIGGER ALL')
    await client.end()
  },
})

describeEachServer('a log in PostgreSQL', getCluster => {
  for (const law of eventLogLaws)
    it.runIf(isApplicable(law, createFaults(undefined as never, '')))(law.title, async () => {
      const location = newLocation(getCluster())
      const created = await createPostgresLog(location)()
      if (E.isLeft(created)) throw new Error(JSON.stringify(created.left))
      const opened: Array<EventLog<SampleEvent>> = []
      const open = async (): Promise<EventLog<SampleEvent>> => {
        const log = await openPostgresLog({ location, codec: sampleCodec })()
        if (E.isLeft(log)) throw new Error(JSON.stringify(log.left))
        opened.push(log.right)
        return log.right
      }
      const dispose = async (): Promise<void> => {
        for (const log of opened) await log.close()
      }
      try {
        await law.check({ open, dispose, ...createFaults(getCluster(), location.workspace) } satisfies LogStorage)
      } finally {
        await dispose()
      }
    })
})
