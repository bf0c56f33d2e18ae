import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { findPassword } from './password-file.ts'
import type { PostgresLocation } from '../postgres-location.ts'
import { resolveAddresses } from './server-addresses.ts'
import { chooseTlsMode } from './tls-mode.ts'
import { checkParameters, type ParameterName } from './url-parameters.ts'
import { type Parsed, splitUrl, type UrlParts, type Variables } from './url-parts.ts'

type GetParameter = (name: ParameterName) => string | undefined

/**
 * Parses the URL of a log, or says in words for a message why it cannot be used. Anything but the workspace and the
 * schema is written as for libpq, with its defaults: `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGPASSWORD`,
 * `PGPASSFILE` or `~/.pgpass`, `PGSSLMODE`, `PGSSLROOTCERT`. What it cannot honour is refused by name, never ignored. No text
 * that it returns contains a piece of the password, even if the URL is malformed.
 *
 * @example
 * ```ts
 * parsePostgresUrl('postgres://ann@db.example.org/app?workspace=docs', process.env)
 * ```
 */
export const parsePostgresUrl = (url: string, environment: Variables): Parsed<PostgresLocation> => {
  if (environment['PGSERVICE'])
    return E.left('PGSERVICE is set, and service files are not read; unset it and write the host into the URL')
  return pipe(
    E.Do,
    E.bind('parts', () => splitUrl(url)),
    E.bind('get', ({ parts }) => checkParameters(parts.parameters)),
    E.chain(({ parts, get }) => resolveLocation(parts, get, environment)),
  )
}

const resolveLocation = (parts: UrlParts, get: GetParameter, environment: Variables): Parsed<PostgresLocation> =>
  pipe(
    E.Do,
    E.bind('log', () => readLogParameters(get)),
    E.bind('hosts', () =>
      resolveAddresses({ hosts: parts.hosts, hostParameter: get('host'), portParameter: get('port') }, environment),
    ),
    E.bind('tls', ({ hosts }) =>
      chooseTlsMode({
        sslmode: get('sslmode') ?? (environment['PGSSLMODE'] || undefined),
        sslrootcert: get('sslrootcert') ?? (environment['PGSSLROOTCERT'] || undefined),
        hosts,
        home: homeDir(environment),
      }),
    ),
    E.bind('login', () => resolveLogin(parts, get, environment)),
    E.map(({ log, hosts, tls, login: { passwordFile, ...login } }) => ({
      ...log,
      ...login,
      hosts,
      tls,
      ignoredPasswordFile: undefined,
      ...(login.password === undefined && passwordFile !== undefined
        ? findPassword(passwordFile, { ...login, hosts })
        : {}),
    })),
  )

const readLogParameters = (get: GetParameter): Parsed<Pick<PostgresLocation, 'workspace' | 'schema' | 'prepare'>> => {
  const { workspace, schema, prepare, attributes } = {
    workspace: get('workspace') ?? 'default',
    schema: get('schema') ?? 'claimlog',
    prepare: get('prepare') ?? 'true',
    attributes: get('target_session_attrs') ?? 'read-write',
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(workspace))
    return E.left(
      'workspace is not a name of up to 63 letters, digits, ".", "_" and "-" that begins with a letter or digit',
    )
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || /^pg_|^information_schema$/.test(schema))
    return E.left(
      'schema is not a name of up to 63 lower-case letters, digits and "_", or it is one of PostgreSQL itself',
    )
  if (prepare !== 'true' && prepare !== 'false') return E.left('prepare is neither true nor false')
  if (attributes !== 'read-write' && attributes !== 'primary')
    return E.left('target_session_attrs is not read-write; a log needs a server that accepts writes')
  return E.right({ workspace, schema, prepare: prepare === 'true' })
}

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
  )
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
