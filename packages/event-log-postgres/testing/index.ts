/** Servers of our own for tests, and for the benchmark, which imports them built. */
export { type Cluster, startCluster } from './cluster.ts'
export { findServers, type ServerPrograms } from './installed-servers.ts'
