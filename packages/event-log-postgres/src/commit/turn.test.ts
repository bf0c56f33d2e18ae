import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import type { Cluster } from '../../testing/cluster.ts'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { startFaultProxy } from '../../testing/fault-proxy/fault-proxy.ts'
import type { ProxiedRequest } from '../../testing/fault-proxy/wire-messages.ts'
import { findPooler, startPooler } from '../../testing/pooler.ts'
import { createSampleWorkspace, openSampleLog, runSql, wordAppender } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'
import type { PostgresLog } from '../postgres-log.ts'

const pgbouncer = findPooler()

const findWorkspaceId = async (location: PostgresLocation): Promise<number> => {
  const [row] = await runSql(location, 'SELECT id FROM claimlog.workspaces WHERE name = $1', [location.workspace])
  return Number(row?.['id'])
}

/** The locks by which processes take turns to append to a log, and whether each is granted. */
const listTurns = async (location: PostgresLocation): Promise<ReadonlyArray<boolean>> => {
  const rows = await runSql(
    location,
    `SELECT granted FROM pg_locks WHERE locktype = 'advisory' AND classid = 1129072455 AND objid = $1`,
    [await findWorkspaceId(location)],
  )
  return rows.map(({ granted }) => granted === true)
}

const waitForTurns = async (location: PostgresLocation, count: number): Promise<void> => {
  while ((await listTurns(location)).length !== count);
}

const listSessions = async (location: PostgresLocation): Promise<ReadonlyArray<unknown>> => {
  const rows = await runSql(
    location,
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'claimlog' ORDER BY backend_start`,
  )
  return rows.map(({ pid }) => pid)
}

/** Another client, which can hold the lock of the turns. Resolves `ended` to the error with which its session ends. */
const connect = async ({ hosts: [address], database, password }: PostgresLocation, user: string) => {
  const client = new pg.Client({ ...address, user, password, database })
  const ended = new Promise<unknown>(resolve => client.on('error', resolve))
  await client.connect()
  onTestFinished(() => client.end())
  return { client, ended }
}

const appendWords = async (
  log: PostgresLog<SampleEvent>,
  name: string,
  count: number,
): Promise<ReadonlyArray<string>> => {
  const append = wordAppender(log)
  const words = Array.from({ length: count }, (_, i) => `${name} ${i}`)
  for (const word of words) expect(await append(word)).toEqual(E.right(undefined))
  return words
}

const behindPooler = async (location: PostgresLocation, cluster: Cluster): Promise<PostgresLocation> => {
  if ('missing' in pgbouncer) return location
  const pooler = await startPooler(pgbouncer.found, cluster)
  onTestFinished(() => pooler.dispose())
  return { ...location, hosts: [{ host: '127.0.0.1', port: pooler.port }], prepare: false }
}

describeEachServer('logs that append at the same time', getCluster => {
  const expectAllAppended = async (location: PostgresLocation): Promise<void> => {
    const logs = await Promise.all(['a', 'b', 'c', 'd'].map(() => openSampleLog(location)))
    const appended = (await Promise.all(logs.map((log, i) => appendWords(log, `log ${i}`, 60)))).flat()
    const words: Array<string> = []
    await logs[0]?.read(0, events => void words.push(...events.map(({ word }) => word)))()
    expect([...words].sort()).toEqual([...appended].sort())
    await waitForTurns(location, 0)
    await Promise.all(logs.map(log => log.close()))
  }

  it('append everything once, and none keeps a turn afterwards', async () => {
    await expectAllAppended(await createSampleWorkspace(getCluster()))
  })

  it.skipIf('missing' in pgbouncer)('do so behind a pooler, where nothing can be held', async () => {
    await expectAllAppended(await behindPooler(await createSampleWorkspace(getCluster()), getCluster()))
  })

  it('wait for the turn of another one, take the next, and release it if no call follows', async () => {
    const location = await createSampleWorkspace(getCluster())
    const log = await openSampleLog(location)
    const sessions = await listSessions(location)
    const { client } = await connect(location, location.user)
    await client.query('SELECT pg_advisory_lock(1129072455, $1)', [await findWorkspaceId(location)])
    const appended = log.append(0, [{ seq: 1, word: 'one' }])()
    await waitForTurns(location, 2)
    await client.query('SELECT pg_advisory_unlock_all()')
    expect(await appended).toEqual(E.right(undefined))
    await waitForTurns(location, 0)
    // Otherwise the server would have taken it back, by ending the session.
    expect(await listSessions(location)).toEqual(sessions)
    await log.close()
  })

  it('ask for a turn after a conflict, and no longer for a call that comes later', async () => {
    const location = await createSampleWorkspace(getCluster())
    const proxy = await startFaultProxy(getCluster())
    onTestFinished(() => proxy.dispose())
    const requests: Array<string> = []
    const matching = ({ bytes }: ProxiedRequest): boolean => {
      const [turn] = /never|keep|if_needed|take|pass_on/.exec(bytes.toString('latin1')) ?? []
      if (turn !== undefined) requests.push(turn)
      return false
    }
    const log = await openSampleLog({ ...location, hosts: [{ host: '127.0.0.1', port: proxy.port }] })
    const other = await openSampleLog(location)
    proxy.failRandomly(1, {}, { matching })
    await appendWords(other, 'other', 1)
    await appendWords(log, 'log', 1)
    await other.read(0, () => undefined)()
    await other.append(2, [{ seq: 3, word: 'other' }])()
    // It learns of that by a conflict, and has nothing to append then.
    expect(await log.append(2, [{ seq: 3, word: 'log' }])()).toMatchObject({ left: { failure: 'SeqConflict' } })
    // Long enough that this is not one of many calls.
    await sleep(20)
    expect(await log.append(3, [{ seq: 4, word: 'later' }])()).toEqual(E.right(undefined))
    expect(requests).toEqual(['if_needed', 'take', 'if_needed', 'if_needed'])
    await Promise.all([log.close(), other.close()])
  })

  it('go on if the one that has the turn stands still: the server ends its session', async () => {
    const location = await createSampleWorkspace(getCluster())
    const log = await openSampleLog(location)
    const { client, ended } = await connect(location, location.user)
    await client.query(`SELECT claimlog.take_turn($1, 'take')`, [await findWorkspaceId(location)])
    expect(await log.append(0, [{ seq: 1, word: 'one' }])()).toEqual(E.right(undefined))
    expect(await ended).toMatchObject({ code: '57P05' })
    await log.close()
  })

  it('go on if a role that is no worker holds the lock', async () => {
    const location = await createSampleWorkspace(getCluster())
    await runSql(location, `CREATE ROLE eve LOGIN PASSWORD '${location.password ?? ''}'`)
    const { client } = await connect(location, 'eve')
    await client.query('SELECT pg_advisory_lock(1129072455, $1)', [await findWorkspaceId(location)])
    const log = await openSampleLog(location, { lockTimeoutMs: 30_000 })
    expect(await log.append(0, [{ seq: 1, word: 'late' }])()).toEqual(E.right(undefined))
    await log.close()
  })
})
