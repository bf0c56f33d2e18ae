import { readFileSync, statSync } from 'node:fs'
import { defaultSocketDir } from './server-addresses.ts'
import type { PostgresLocation, ServerAddress } from '../postgres-location.ts'

type Login = Pick<PostgresLocation, 'hosts' | 'database' | 'user'>

/** The hosts with their passwords in a file, or the reason why the file was not used; neither: no file, or no match. */
type HostPasswords = Pick<PostgresLocation, 'hosts' | 'ignoredPasswordFile'>

/**
 * Looks up the passwords for a login in a file of lines `host:port:database:user:password`, by the rules of libpq: the
 * first line that matches counts, for each host; `*` matches anything; `\` escapes `:` and `\`; and a file that others
 * can read or write is ignored.
 */
export const findPasswords = (path: string, login: Login): HostPasswords => {
  const { hosts } = login
  const noPasswords: HostPasswords = { hosts, ignoredPasswordFile: undefined }
  const ignore = (ignoredPasswordFile: string): HostPasswords => ({ hosts, ignoredPasswordFile })
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return noPasswords
    if (!stats.isFile()) return ignore(`${path} is not a plain file`)
    if ((stats.mode & 0o077) !== 0)
      return ignore(`${path} is ignored, as other users have access to it; chmod 600 ends that`)
    const lines = readFileSync(path, 'utf8').split(/\r?\n/).filter(isEntry).map(splitFields)
    const withPassword = (address: ServerAddress): ServerAddress => {
      const [, , , , password] = lines.find(fields => matches(fields, address, login)) ?? []
      return password === undefined ? address : { ...address, password }
    }
    return { ...noPasswords, hosts: hosts.map(withPassword) }
  } catch (thrown) {
    return ignore(`${path} could not be read: ${(thrown as NodeJS.ErrnoException).code ?? 'unknown error'}`)
  }
}

const isEntry = (line: string): boolean => line !== '' && !line.startsWith('#')

/** The fields of a line, with their escapes, but the last one, the password, without. */
const splitFields = (line: string): ReadonlyArray<string> => {
  const fields = line.match(/(?:\\.|[^\\:]|\\$)*(?::|$)/g) ?? []
  const [host = '', port = '', database = '', user = '', password = ''] = fields.map(field => field.replace(/:$/, ''))
  return [host, port, database, user, password.replace(/\\(.)/g, '$1')]
}

const matches = (
  [host = '', port = '', database = '', user = '', password = '']: ReadonlyArray<string>,
  address: ServerAddress,
  login: Login,
): boolean =>
  password !== '' &&
  // The file's `localhost` also means the socket in its usual directory.
  matchesField(host, address.host === defaultSocketDir() ? 'localhost' : address.host) &&
  matchesField(port, String(address.port)) &&
  matchesField(database, login.database) &&
  matchesField(user, login.user)

const matchesField = (field: string, value: string): boolean => field === '*' || field.replace(/\\(.)/g, '$1') === value
