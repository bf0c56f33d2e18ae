import { afterAll, beforeAll, describe } from 'vitest'
import { programMissing } from '../../../test/support/machine/it-if-possible.ts'
import { selectCases } from '../../../test/support/machine/select-cases.ts'
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts'
import { findServers } from './installed-servers.ts'

/** The options of {@link describeEachServer}. */
type TestedServerOptions = ClusterOptions & {
  /** For tests that take long and depend little on the version: `npm test` runs them on one server. */
  readonly isLong?: boolean
}

/** The servers to test on: those that are found come first. */
const chooseServers = (isLong: boolean): ReturnType<typeof findServers> => {
  const servers = findServers()
  const foundFirst = [...servers.filter(each => 'found' in each), ...servers.filter(each => 'missing' in each)]
  return isLong ? selectCases(foundFirst, servers.length) : servers
}

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
  { isLong = false, ...options }: TestedServerOptions = {},
): void => {
  const opensslMissing = options.tls === true ? programMissing('openssl', 'version') : undefined
  for (const server of chooseServers(isLong)) {
    let cluster: Cluster | undefined
    const getCluster = (): Cluster => {
      if (cluster === undefined) throw new Error('the cluster has not started: call this in a test or a hook')
      return cluster
    }
    const programs = 'found' in server ? server.found : undefined
    const name = 'found' in server ? server.found.name : server.name
    const missing = 'missing' in server ? server.missing : opensslMissing
    if (programs === undefined || missing !== undefined) {
      process.stderr.write(`not tested here, ${missing}: ${title} on ${name}\n`)
      describe.skip(`${title} on ${name} (not tested here: ${missing})`, () => tests(getCluster))
      continue
    }
    describe(`${title} on ${name}`, () => {
      beforeAll(async () => {
        cluster = await startCluster(programs, options)
      })
      afterAll(() => cluster?.dispose())
      tests(getCluster)
    })
  }
}
