import { appendFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'

/** The server that pages name. Commands connect to one of the test's own instead. */
const serverName = 'db.example.com'

/**
 * True if commands of a group use a log on a server.
 * @param {import('./parse-page.mjs').Group} group
 */
export const needsServer = ({ blocks }) =>
  blocks.some(block => JSON.stringify(block.type === 'console' ? block.steps : block.text).includes('postgres://'))

/**
 * A server on the loopback address, with the password of its superuser.
 * @typedef {{ host: string, port: number, user: string, password: string }} PageServer
 */

/**
 * Replaces the server that the page names by the actual one, in what is run.
 * @param {string} text
 */
export const toActualServer = text => text.replaceAll(serverName, 'localhost')

/**
 * Replaces the actual server by the one that the page names, in what is printed.
 * @param {string} text
 * @param {PageServer | undefined} server
 */
export const toNamedServer = (text, server) =>
  server === undefined
    ? text
    : text.replaceAll(`localhost:${server.port}`, serverName).replaceAll('@localhost', `@${serverName}`)

/**
 * Gives the reader of a page the password of the superuser, in `~/.pgpass`, and the server's port.
 * @param {import('./page-directory.mjs').PageDirectory} dir
 * @param {PageServer} server
 * @returns {import('./page-directory.mjs').PageDirectory}
 */
export const connectPage = (dir, { port, user, password }) => {
  const passwords = join(dir.home, '.pgpass')
  appendFileSync(passwords, `*:*:*:${user}:${password}\n`)
  chmodSync(passwords, 0o600)
  const others = Object.entries(dir.env).filter(([name]) => !name.startsWith('PG'))
  return { ...dir, env: { ...Object.fromEntries(others), PGPORT: String(port) } }
}
