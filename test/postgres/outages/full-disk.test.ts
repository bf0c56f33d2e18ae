import { chmodSync, closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { type Cluster, startCluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { findServers } from '../../../packages/event-log-postgres/testing/installed-servers.ts'
import { mountMissing, mountTemporary } from '../../support/machine/file-system.ts'
import { itIfPossible } from '../../support/machine/it-if-possible.ts'
import { createServerQueue } from './server-queue.ts'

const [server] = findServers().flatMap(each => ('found' in each ? [each.found] : []))
const itOnSmallDisk = itIfPossible(server === undefined ? 'no PostgreSQL server is installed' : mountMissing('tmpfs'))

/** With them the server writes nothing by itself. */
const settings = { autovacuum: 'off', wal_level: 'minimal', max_wal_senders: 0 }

/** Starts a server with all its files on a small file system. */
const startOnSmallDisk = async (): Promise<{ readonly cluster: Cluster; readonly disk: string }> => {
  const disk = mountTemporary('tmpfs', 160 * 1024)
  // The user of the server must get there.
  chmodSync(dirname(disk), 0o755)
  if (server === undefined) throw new Error('no PostgreSQL server is installed')
  const cluster = await startCluster(server, { parent: disk, settings })
  onTestFinished(() => cluster.dispose())
  return { cluster, disk }
}

/** Fills a file system to its last byte; returns a function that makes room again. */
const fillDisk = (disk: string): (() => void) => {
  const ballast = join(disk, 'ballast')
  const file = openSync(ballast, 'w')
  const chunk = Buffer.alloc(64 * 1024, 1)
  try {
    for (;;) writeSync(file, chunk)
  } catch (thrown) {
    if ((thrown as { readonly code?: string }).code !== 'ENOSPC') throw thrown
  } finally {
    closeSync(file)
  }
  return () => rmSync(ballast)
}

/** Adds tasks, each after `prepare`, until one is not added. Returns the ids of those in the queue, and the failed command. */
const addUntilFailure = async (
  queue: Awaited<ReturnType<typeof createServerQueue>>,
  flags: ReadonlyArray<string>,
  prepare: () => Promise<unknown> = async () => undefined,
) => {
  const added = ['first']
  for (;;) {
    const id = `t-${added.length - 1}`
    await prepare()
    const ended = await queue.run('add', 'docs', id, ...flags, '--lock-timeout', '1s', '--json')
    if (ended.code !== 0) return { added, failed: ended }
    added.push(id)
  }
}

/** Each needs a page of its own in the table. */
const largePayload = JSON.stringify({ text: Array.from({ length: 700 }, (_, i) => i * 7919).join(' ') })

describe('a server without room on its disk', () => {
  itOnSmallDisk(
    'shows which server has none and what to do, loses nothing, and goes on once there is room',
    async () => {
      const { cluster, disk } = await startOnSmallDisk()
      const queue = await createServerQueue(cluster)
      const makeRoom = fillDisk(disk)
      const { added, failed } = await addUntilFailure(queue, ['--payload', largePayload])
      expect(JSON.parse(failed.stdout)).toMatchObject({
        error: 'log_unreachable',
        code: '53100',
        message: expect.stringMatching(
          /^postgres:\/\/\S+ has no space on its disk: .* No space left on device/,
        ) as string,
        hint: expect.stringContaining('disk of the server') as string,
      })
      expect(await queue.readTaskIds()).toEqual(added)
      makeRoom()
      expect(await queue.run('add', 'docs', 'last', '--payload', largePayload)).toMatchObject({ code: 0 })
      expect(await queue.readTaskIds()).toEqual([...added, 'last'])
      expect(await queue.run('verify')).toMatchObject({ code: 0 })
    },
  )

  itOnSmallDisk(
    'stops when there is none for its journal of changes, and goes on after a restart with room',
    async () => {
      const { cluster, disk } = await startOnSmallDisk()
      const queue = await createServerQueue(cluster)
      const makeRoom = fillDisk(disk)
      const switchSegment = () => queue.query('SELECT pg_switch_wal()').catch(() => undefined)
      const { added, failed } = await addUntilFailure(queue, [], switchSegment)
      expect(cluster.log()).toMatch(/PANIC: .*pg_wal.*No space left on device/)
      expect(JSON.parse(failed.stdout)).toMatchObject({
        error: 'outcome_unknown',
        message: expect.stringMatching(
          /^postgres:\/\/\S+ did not answer, so this may have been done or not: /,
        ) as string,
        hint: expect.stringContaining('claimlog show') as string,
      })
      makeRoom()
      await cluster.restart()
      expect(await queue.readTaskIds()).toEqual(expect.arrayContaining(added))
      expect(await queue.run('add', 'docs', 'last')).toMatchObject({ code: 0 })
      expect(await queue.run('verify')).toMatchObject({ code: 0 })
    },
  )
})
