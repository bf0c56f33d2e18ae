import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'

/** Listens to a log as a process that waits does. Returns a function that counts what came before its call. */
const listen = async (location: PostgresLocation): Promise<() => Promise<number>> => {
  const { hosts, user, password, database } = location
  const [row] = await runSql(location, 'SELECT id FROM claimlog.workspaces WHERE name = $1', [location.workspace])
  const client = new pg.Client({ ...hosts[0], user, password, database })
  await client.connect()
  onTestFinished(() => client.end())
  let count = 0
  client.on('notification', () => (count += 1))
  await client.query(`LISTEN claimlog_${String(row?.['id'])}`)
  await client.query('SELECT pg_advisory_lock_shared(1129072456, $1)', [row?.['id']])
  return async () => {
    // Notifications of other sessions come before the answer to a later statement.
    await client.query('SELECT 1')
    return count
  }
}

describeEachServer('a process that appends while another one listens', getCluster => {
  it('sends its last notification before it closes', async () => {
    const location = await createSampleWorkspace(getCluster())
    const countNotifications = await listen(location)
    const log = await openSampleLog(location)
    for (const seq of [1, 2]) expect(await log.append(seq - 1, [{ seq, word: 'w' }])()).toEqual(E.right(undefined))
    await log.close()
    expect(await countNotifications()).toBe(2)
  })

  it('sends one every 25 ms at most, however many events it appends', async () => {
    const location = await createSampleWorkspace(getCluster())
    const countNotifications = await listen(location)
    const log = await openSampleLog(location)
    const startMs = performance.now()
    for (let seq = 1; seq <= 100; seq += 1) await log.append(seq - 1, [{ seq, word: 'w' }])()
    await log.close()
    const elapsedMs = performance.now() - startMs
    // And the last one, which does not wait.
    expect(await countNotifications()).toBeLessThanOrEqual(1 + elapsedMs / 25 + 1)
  })
})
