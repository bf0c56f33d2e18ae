import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'

describeEachServer('a role that is no worker and holds the lock of a log', getCluster => {
  it('delays an append, and does not prevent it', async () => {
    const location = await createSampleWorkspace(getCluster())
    const [row] = await runSql(location, 'SELECT id FROM claimlog.workspaces WHERE name = $1', [location.workspace])
    const password = location.password ?? ''
    await runSql(location, `CREATE ROLE eve LOGIN PASSWORD '${password}'`)
    const [address] = location.hosts
    const eve = new pg.Client({ ...address, user: 'eve', password, database: location.database })
    await eve.connect()
    await eve.query('SELECT pg_advisory_lock(1129072455, $1)', [row?.['id']])
    const log = await openSampleLog(location, { lockTimeoutMs: 30_000 })
    expect(await log.append(0, [{ seq: 1, word: 'late' }])()).toEqual(E.right(undefined))
    await log.close()
    await eve.end()
  })
})
