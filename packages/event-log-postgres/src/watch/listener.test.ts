import { expect, it } from 'vitest'
import type { LogWatch } from '@claimlog/event-log'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'

/** The server's processes of the sessions that listen to any log. */
const listListeners = async (location: PostgresLocation): Promise<ReadonlyArray<number>> => {
  const rows = await runSql(location, `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1129072456`)
  return rows.map(({ pid }) => Number(pid))
}

const waitForListener = async (location: PostgresLocation): Promise<number> => {
  for (;;) {
    const [pid] = await listListeners(location)
    if (pid !== undefined) return pid
  }
}

const waitForNoListener = async (location: PostgresLocation): Promise<void> => {
  while ((await listListeners(location)).length > 0);
}

const nextAppend = (watch: LogWatch): Promise<void> => watch.next(new AbortController().signal)

describeEachServer('a log that waits again and again', getCluster => {
  it('listens over the same session, which is there when a watch begins right after the last one', async () => {
    const location = await createSampleWorkspace(getCluster())
    const log = await openSampleLog(location)
    const first = log.watch()
    const listener = await waitForListener(location)
    first.close()
    const second = log.watch()
    expect(await listListeners(location)).toEqual([listener])
    const other = await openSampleLog(location)
    const woken = nextAppend(second)
    await other.append(0, [{ seq: 1, word: 'one' }])()
    await woken
    second.close()
    expect(await listListeners(location)).toEqual([listener])
    await Promise.all([log.close(), other.close()])
  })

  it('closes it with the log', async () => {
    const location = await createSampleWorkspace(getCluster())
    const log = await openSampleLog(location)
    const watch = log.watch()
    await waitForListener(location)
    watch.close()
    await log.close()
    await waitForNoListener(location)
  })
})
