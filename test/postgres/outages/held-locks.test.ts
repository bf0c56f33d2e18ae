import { describe, expect, it } from 'vitest'
import type pg from 'pg'
import type { Cluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../../packages/event-log-postgres/testing/describe-each-server.ts'
import { connectSuperuser, createServerQueue, waitUntil } from './server-queue.ts'

/** Sessions of claimlog that wait for a lock. */
const waitingSessions = `SELECT FROM pg_stat_activity WHERE application_name = 'claimlog' AND wait_event_type = 'Lock'`

/** Begins a transaction of another client that takes a lock and then does nothing. */
const holdLock = async (cluster: Cluster, lock: string): Promise<pg.Client> => {
  const client = await connectSuperuser(cluster)
  if (client === undefined) throw new Error('the server has no connection left')
  await client.query(`BEGIN; ${lock}`)
  return client
}

describeEachServer(
  'an idle transaction that holds a lock on the table of events',
  getCluster => {
    it('delays nothing if it has locked lines', async () => {
      const queue = await createServerQueue(getCluster())
      await holdLock(getCluster(), 'SELECT FROM claimlog.events FOR UPDATE')
      expect(await queue.run('add', 'docs', 'second')).toMatchObject({ code: 0 })
      expect(await queue.run('claim', 'ann', 'docs')).toMatchObject({ code: 0 })
    })

    describe.each([
      // A read is not kept waiting, so an append was sent: it may still get the lock.
      { mode: 'SHARE ROW EXCLUSIVE', error: 'outcome_unknown' },
      { mode: 'ACCESS EXCLUSIVE', error: 'log_unreachable' },
    ])('if it is a lock in mode $mode', ({ mode, error }) => {
      const lock = `LOCK TABLE claimlog.events IN ${mode} MODE`

      it('delays a command until the transaction ends', async () => {
        const queue = await createServerQueue(getCluster())
        const holder = await holdLock(getCluster(), lock)
        const ended = queue.run('add', 'docs', 'second', '--lock-timeout', '60s')
        await waitUntil(async () => (await queue.query(waitingSessions)).length > 0)
        await holder.query('ROLLBACK')
        expect(await ended).toMatchObject({ code: 0, stderr: '' })
        expect(await queue.readTaskIds()).toEqual(['first', 'second'])
      })

      it(`is ${error} for a shorter --lock-timeout, and a request sent again later is done once`, async () => {
        const queue = await createServerQueue(getCluster())
        const holder = await holdLock(getCluster(), lock)
        const request = ['add', 'docs', 'second', '--request-id', 'r-1', '--json', '--lock-timeout']
        const failed = await queue.run(...request, '3s')
        expect(failed).toMatchObject({ code: 1 })
        expect(JSON.parse(failed.stdout)).toMatchObject({
          error,
          message: expect.stringMatching(/^postgres:\/\/.* no answer within \d+ ms/) as string,
        })
        await holder.query('ROLLBACK')
        expect(await queue.run(...request, '60s')).toMatchObject({ code: 0 })
        expect(await queue.readTaskIds()).toEqual(['first', 'second'])
      })
    })
  },
  { isLong: true },
)
