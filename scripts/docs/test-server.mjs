import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './page-directory.mjs'

const testing = join(root, 'packages/event-log-postgres/testing')
// Below node_modules, where the server's npm package is found.
const outdir = join(root, 'node_modules/.cache/claimlog-docs')

/**
 * Runs `work` with a new PostgreSQL server, as tests do. The modules of the tests are TypeScript, which this Node may not
 * read, so they are built first.
 * @template A
 * @param {(server: import('./page-server.mjs').PageServer) => Promise<A>} work
 * @returns {Promise<A>}
 */
export const withServer = async work => {
  const entryPoints = ['cluster.ts', 'installed-servers.ts'].map(name => join(testing, name))
  await build({
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  })
  /** @param {string} name */
  const load = name => import(pathToFileURL(join(outdir, name)).href)
  const { findServers } = await load('installed-servers.mjs')
  const { startCluster } = await load('cluster.mjs')
  const [debian] = findServers()
  if (!('found' in debian)) throw new Error(debian.missing)
  const cluster = await startCluster(debian.found)
  try {
    return await work(cluster)
  } finally {
    await cluster.dispose()
  }
}
