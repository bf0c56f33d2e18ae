import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { explainIdentifier } from '../schema/identifier.ts'
import { findPasswords } from './password-file.ts'
import type { PostgresLocation, RequireAuth } from '../postgres-location.ts'
import { resolveAddresses } from './server-addresses.ts'
import { checkFileMode, chooseTlsMode } from './tls-mode.ts'
import { checkParameters, type ParameterName } from './url-parameters.ts'
import { type Parsed, splitUrl, type UrlParts, type Variables } from './url-parts.ts'

type GetParameter = (name: ParameterName) => string | undefined

/**
 * Parses the URL of a log, or says in words for a message why it cannot be used. Anything but the workspace and the
 * schema is written as for libpq, with its defaults: `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGPASSWORD`,
 * `PGPASSFILE` or `~/.pgpass`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGREQUIREAUTH`. What it cannot honour is refused by name,
 * never ignored. No text that it returns contains a piece of the password, even if the URL is malformed.
 *
 * `isNamedByFile`: the URL is in a file, which may have come with a repository, so that perhaps the
 * user does not know the server. Such a URL can only strengthen what the environment says: TLS is not weaker, and a password is
 * used for SCRAM only.
 *
 * @example
 * ```ts
 * parsePostgresUrl('postgres://ann@db.example.org/app?workspace=docs', process.env)
 * ```
 */
export const parsePostgresUrl = (
  url: string,
  environment: Variables,
  isNamedByFile = false,
): Parsed<PostgresLocation> => {
  if (environment['PGSERVICE'])
    return E.left('PGSERVICE is set, and service files are not read; unset it and write the host into the URL')
  return pipe(
    E.Do,
    E.bind('parts', () => splitUrl(url)),
    E.bind('get', ({ parts }) => checkParameters(parts.parameters)),
    E.chainFirst(({ parts, get }) => (isNamedByFile ? checkFileParameters(parts, get) : E.right(undefined))),
    E.chain(({ parts, get }) => resolveLocation(parts, get, environment, isNamedByFile)),
  )
}

/** A file in a repository names no files of this machine and no passwords. */
const checkFileParameters = (parts: UrlParts, get: GetParameter): Parsed<void> => {
  if (parts.password !== undefined || get('password') !== undefined) return E.left('a URL in a file has no password')
  return get('passfile') === undefined
    ? E.right(undefined)
    : E.left('a URL in a file does not name a passfile; set PGPASSFILE')
}

const resolveLocation = (
  parts: UrlParts,
  get: GetParameter,
  environment: Variables,
  isNamedByFile: boolean,
): Parsed<PostgresLocation> =>
  pipe(
    E.Do,
    E.bind('log', () => readLogParameters(get)),
    E.bind('hosts', () =>
      resolveAddresses({ hosts: parts.hosts, hostParameter: get('host'), portParameter: get('port') }, environment),
    ),
    E.bind('tls', ({ hosts }) => {
      const sslrootcert = get('sslrootcert') ?? (environment['PGSSLROOTCERT'] || undefined)
      const usual = { sslmode: environment['PGSSLMODE'] || undefined, sslrootcert, hosts, home: homeDir(environment) }
      const sslmode = get('sslmode')
      return pipe(
        isNamedByFile ? checkFileMode(sslmode, usual) : E.right(undefined),
        E.chain(() => chooseTlsMode({ ...usual, sslmode: sslmode ?? usual.sslmode })),
      )
    }),
    E.bind('requireAuth', () => chooseRequireAuth(get('require_auth'), environment['PGREQUIREAUTH'], isNamedByFile)),
    E.bind('login', () => resolveLogin(parts, get, environment)),
    E.map(({ log, hosts, tls, requireAuth, login: { passwordFile, ...login } }) => ({
      ...log,
      ...login,
      tls,
      requireAuth,
      isNamedByFile,
      ...(login.password === undefined && passwordFile !== undefined
        ? findPasswords(passwordFile, { ...login, hosts })
        : { hosts, ignoredPasswordFile: undefined }),
    })),
  )

/** `require_auth` as given; for a URL in a file, at least SCRAM or no password at all. */
const chooseRequireAuth = (
  parameter: string | undefined,
  variable: string | undefined,
  isNamedByFile: boolean,
): Parsed<RequireAuth | undefined> => {
  const given = [parameter, variable || undefined].filter(text => text !== undefined)
  const methods = given.map(text => text.split(',').sort().reverse().join())
  if (methods.some(each => each !== scramOnly && each !== scramOrNone))
    return E.left(`require_auth is neither ${scramOnly} nor ${scramOrNone}; claimlog supports no other`)
  // The URL counts before the environment, but not if it is in a file.
  if (isNamedByFile) return E.right(methods.includes(scramOnly) ? scramOnly : scramOrNone)
  if (methods.length === 0) return E.right(undefined)
  return E.right(methods[0] === scramOnly ? scramOnly : scramOrNone)
}

const scramOnly = 'scram-sha-256'
const scramOrNone = 'scram-sha-256,none'

const readLogParameters = (get: GetParameter): Parsed<Pick<PostgresLocation, 'workspace' | 'schema' | 'prepare'>> => {
  const { workspace, schema, prepare, attributes } = {
    workspace: get('workspace') ?? 'default',
    schema: get('schema') ?? 'claimlog',
    prepare: get('prepare') ?? 'true',
    attributes: get('target_session_attrs') ?? 'read-write',
  }
  if ([...workspace].length > workspaceLengthMax)
    return E.left(`workspace is not a name of up to ${workspaceLengthMax} characters`)
  const schemaProblem = explainIdentifier(schema)
  if (schemaProblem !== undefined) return E.left(`schema ${schemaProblem}`)
  if (prepare !== 'true' && prepare !== 'false') return E.left('prepare is neither true nor false')
  if (attributes !== 'read-write' && attributes !== 'primary')
    return E.left('target_session_attrs is not read-write; a log needs a server that accepts writes')
  return E.right({ workspace, schema, prepare: prepare === 'true' })
}

const workspaceLengthMax = 63

type Account = Pick<PostgresLocation, 'user' | 'password' | 'database'> & { readonly passwordFile: string | undefined }

const resolveLogin = (parts: UrlParts, get: GetParameter, environment: Variables): Parsed<Account> => {
  const home = homeDir(environment)
  return pipe(
    E.Do,
    E.bind('userName', () => givenOnce('user', parts.user, get)),
    E.bind('password', () => givenOnce('password', parts.password, get)),
    E.bind('databaseName', () => givenOnce('dbname', parts.database, get)),
    E.bind('user', ({ userName }) =>
      E.fromNullable('the URL names no user, and the system has no name for this one')(
        userName ?? (environment['PGUSER'] || systemUser()),
      ),
    ),
    E.map(({ userName: _, databaseName, user, password }) => ({
      user,
      database: databaseName ?? (environment['PGDATABASE'] || user),
      password: password ?? (environment['PGPASSWORD'] || undefined),
      passwordFile:
        get('passfile') ?? (environment['PGPASSFILE'] || (home === undefined ? undefined : join(home, '.pgpass'))),
    })),
    E.chain(account =>
      pipe(
        checkServerName('user', account.user),
        E.apSecond(checkServerName('database', account.database)),
        E.map(() => account),
      ),
    ),
  )
}

/** The server cuts longer names without a word, and then another user would log in, or to another database. */
const checkServerName = (subject: string, name: string): Parsed<void> => {
  if (Buffer.byteLength(name) > 63)
    return E.left(`the name of the ${subject} has more than 63 bytes, and PostgreSQL has none`)
  // Those of the URL have been checked; a variable can have a line end, too.
  return /\p{Cc}/u.test(name) ? E.left(`the name of the ${subject} has a control character`) : E.right(undefined)
}

/** A value that has its place in the URL and can also be a parameter. */
const givenOnce = (name: ParameterName, inPlace: string | undefined, get: GetParameter): Parsed<string | undefined> =>
  inPlace !== undefined && get(name) !== undefined
    ? E.left(`the URL names the ${name === 'dbname' ? 'database' : name} twice; leave out ${name}=`)
    : E.right(inPlace ?? get(name))

const homeDir = (environment: Variables): string | undefined => environment['HOME'] || homedir() || undefined

const systemUser = (): string | undefined => {
  try {
    return userInfo().username || undefined
  } catch {
    // A user without an entry in /etc/passwd, as in a container.
    return undefined
  }
}
