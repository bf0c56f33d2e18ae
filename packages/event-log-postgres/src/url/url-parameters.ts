import * as E from 'fp-ts/lib/Either.js'

/** Every parameter of a URL: those of a log, then those of libpq that claimlog honours. */
const parameterNames = [
  'workspace',
  'schema',
  'prepare',
  'sslmode',
  'sslrootcert',
  'host',
  'port',
  'dbname',
  'user',
  'password',
  'passfile',
  'require_auth',
  'target_session_attrs',
] as const
export type ParameterName = (typeof parameterNames)[number]

/** Parameters of libpq that claimlog refuses instead of ignoring them, with the reason. */
const refusedParameters: Readonly<Record<string, string>> = {
  service: 'service files are not read; write the host and the database into the URL',
  servicefile: 'service files are not read; write the host and the database into the URL',
  hostaddr: 'name the address as the host',
  connect_timeout: 'commands have --lock-timeout, which includes the time to connect',
  application_name: 'claimlog names its sessions itself',
  fallback_application_name: 'claimlog names its sessions itself',
  client_encoding: 'it is always UTF8',
  options: 'set defaults of the role instead: ALTER ROLE … SET',
  channel_binding: 'it is used whenever the server offers it',
  sslcert: 'certificates of clients are not supported; use a password',
  sslkey: 'certificates of clients are not supported; use a password',
  sslpassword: 'certificates of clients are not supported; use a password',
  sslcrl: 'revocation lists are not supported',
  sslcrldir: 'revocation lists are not supported',
  requiressl: 'write sslmode',
  ssl: 'write sslmode',
  gssencmode: 'Kerberos is not supported',
  krbsrvname: 'Kerberos is not supported',
  keepalives: 'claimlog sets it itself',
  keepalives_idle: 'claimlog sets it itself',
  keepalives_interval: 'claimlog sets it itself',
  keepalives_count: 'claimlog sets it itself',
  tcp_user_timeout: 'claimlog sets it itself',
  load_balance_hosts: 'hosts are tried in the order of the URL',
  pgbouncer: 'write prepare=false for a pooler',
}

const isKnown = (name: string): name is ParameterName => (parameterNames as ReadonlyArray<string>).includes(name)

/** Checks the names of the parameters; the value of each known one, or undefined if it is not given. */
export const checkParameters = (
  parameters: ReadonlyMap<string, string>,
): E.Either<string, (name: ParameterName) => string | undefined> => {
  const unknown = [...parameters.keys()].find(name => !isKnown(name))
  if (unknown === undefined) return E.right(name => parameters.get(name))
  const reason = Object.hasOwn(refusedParameters, unknown) ? refusedParameters[unknown] : undefined
  if (reason !== undefined) return E.left(`the URL has the parameter ${unknown}: ${reason}`)
  // After a password that contains an unescaped & comes a piece of it that looks like a name.
  if (parameters.has('password')) return E.left('the URL has an unknown parameter; & in a password is %26')
  return E.left(
    `the URL has the unknown parameter ${JSON.stringify(unknown)}; did you mean ${findNearest(unknown.toLowerCase())}?`,
  )
}

const findNearest = (name: string): ParameterName =>
  parameterNames.reduce((nearest, candidate) =>
    editDistance(name, candidate) < editDistance(name, nearest) ? candidate : nearest,
  )

/** The number of characters to insert, delete or replace to change one text into the other. */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, character] of [...from.slice(0, 63)].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] as number) + (to[j - 1] === character ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}
