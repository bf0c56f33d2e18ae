import type pg from 'pg'
import { expect, it } from 'vitest'
import type { Cluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../../packages/event-log-postgres/testing/describe-each-server.ts'
import { connectSuperuser, createServerQueue, waitUntil } from './server-queue.ts'

/** Takes every connection of a server, those for superusers too. */
const takeConnections = async (cluster: Cluster): Promise<ReadonlyArray<pg.Client>> => {
  const clients: Array<pg.Client> = []
  for (;;) {
    const client = await connectSuperuser(cluster)
    if (client === undefined) return clients
    clients.push(client)
  }
}

const countRefusals = (cluster: Cluster): number => cluster.log().split('too many clients').length - 1

describeEachServer(
  'a server out of connections',
  getCluster => {
    it('delays a command until there is one again', async () => {
      const queue = await createServerQueue(getCluster())
      const clients = await takeConnections(getCluster())
      const refusals = countRefusals(getCluster())
      const ended = queue.run('add', 'docs', 'second', '--lock-timeout', '60s')
      await waitUntil(() => countRefusals(getCluster()) > refusals)
      await Promise.all(clients.map(client => client.end()))
      expect(await ended).toMatchObject({ code: 0, stderr: '' })
      expect(await queue.readTaskIds()).toEqual(['first', 'second'])
    })

    it('fails a command whose --lock-timeout is shorter, and its message says what to do', async () => {
      const queue = await createServerQueue(getCluster())
      const clients = await takeConnections(getCluster())
      const failed = await queue.run('add', 'docs', 'second', '--lock-timeout', '2s', '--json')
      expect(failed).toMatchObject({ code: 1 })
      expect(JSON.parse(failed.stdout)).toMatchObject({
        error: 'log_unreachable',
        code: '53300',
        message: expect.stringMatching(/^postgres:\/\/\S+ cannot be reached: .*too many clients/) as string,
        hint: expect.stringMatching(/^nothing was changed; .*max_connections/) as string,
      })
      await Promise.all(clients.map(client => client.end()))
      expect(await queue.readTaskIds()).toEqual(['first'])
      expect(await queue.run('add', 'docs', 'second')).toMatchObject({ code: 0 })
    })
  },
  { settings: { max_connections: 10 }, isLong: true },
)
