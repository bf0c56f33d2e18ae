import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'

describeEachServer('a log that was analyzed while it was short', getCluster => {
  it('is never read as a whole table, however long it gets', async () => {
    const location = await createSampleWorkspace(getCluster())
    const countScanned = async (): Promise<number> => {
      const [row] = await runSql(
        location,
        `SELECT seq_tup_read AS count FROM pg_stat_user_tables WHERE schemaname = 'claimlog' AND relname = 'events'`,
      )
      return Number(row?.['count'])
    }
    const [log, other] = [await openSampleLog(location), await openSampleLog(location)]
    await log.append(0, [{ seq: 1, word: 'first' }])()
    // The cheapest way to a row of a table with one page is to read all of it. Sessions keep a plan once it is made.
    await runSql(location, 'ANALYZE claimlog.events')
    const before = await countScanned()
    for (let seq = 1; seq < 60; seq += 1) {
      const writer = seq % 2 === 0 ? log : other
      await writer.read(seq - 1, () => undefined)()
      expect(await writer.append(seq, [{ seq: seq + 1, word: 'next' }])()).toEqual(E.right(undefined))
    }
    // A session reports what it has read when it ends, at the latest.
    await Promise.all([log.close(), other.close()])
    expect(await countScanned()).toBe(before)
  })
})
