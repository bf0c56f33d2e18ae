import { afterAll, beforeAll, describe } from 'vitest'
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts'
import { findServers } from './installed-servers.ts'

/**
 * `describe` for tests that run on each PostgreSQL server of this machine. The tests share one cluster per server, which
 * `getCluster` returns inside of tests and hooks. The tests of a server that is missing are skipped, and the title and a
 * line on stderr give the reason.
 *
 * @example
 * describeEachServer('an append', getCluster => {
 *   it('is durable', async () => connect(getCluster().url()))
 * })
 */
export const describeEachServer = (
  title: string,
  tests: (getCluster: () => Cluster) => void,
  options: ClusterOptions = {},
): void => {
  for (const server of findServers()) {
    let cluster: Cluster | undefined
    const getCluster = (): Cluster => {
      if (cluster === undefined) throw new Error('the cluster has not started: call this in a test or a hook')
      return cluster
    }
    if ('missing' in server) {
      process.stderr.write(`not tested here, ${server.missing}: ${title} on ${server.name}\n`)
      describe.skip(`${title} on ${server.name} (not tested here: ${server.missing})`, () => tests(getCluster))
      continue
    }
    describe(`${title} on ${server.found.name}`, () => {
      beforeAll(async () => {
        cluster = await startCluster(server.found, options)
      })
      afterAll(() => cluster?.dispose())
      tests(getCluster)
    })
  }
}
