import { isLocal, type PostgresLocation, type ServerAddress, type TlsMode } from '../postgres-location.ts'

/**
 * The URL of a log for messages: without the password, with everything else that leads to the same log in the same way,
 * in any environment without `PG…` variables.
 */
export const describeLocation = (location: PostgresLocation): string => {
  const { hosts, database, user, workspace, schema, prepare } = location
  const [first] = hosts
  const socket = hosts.length === 1 && first?.host.startsWith('/') === true ? first : undefined
  const parameters = {
    host: socket?.host,
    port: socket === undefined || socket.port === defaultPort ? undefined : String(socket.port),
    workspace,
    schema: schema === 'claimlog' ? undefined : schema,
    prepare: prepare ? undefined : 'false',
    ...describeTls(location.tls, hosts),
    // A file that names the server implies it.
    require_auth: location.isNamedByFile ? undefined : location.requireAuth,
  }
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%2C', ',')}`],
  )
  const authority = socket === undefined ? hosts.map(describeAddress).join(',') : ''
  return `postgres://${encodeURIComponent(user)}@${authority}/${encodeURIComponent(database)}?${query.join('&')}`
}

const defaultPort = 5432

const describeAddress = ({ host, port }: ServerAddress): string => {
  const text =
    host.includes(':') && !host.startsWith('/') ? `[${host.replaceAll('%', '%25')}]` : encodeURIComponent(host)
  return port === defaultPort ? text : `${text}:${port}`
}

const describeTls = (
  tls: TlsMode,
  hosts: ReadonlyArray<ServerAddress>,
): { readonly sslmode?: string | undefined; readonly sslrootcert?: string | undefined } => {
  const areLocal = hosts.every(isLocal)
  switch (tls._tag) {
    case 'off':
      return areLocal ? {} : { sslmode: 'disable' }
    case 'unverified':
      return { sslmode: 'no-verify' }
    case 'verified': {
      const { rootCertificateFile: sslrootcert, checksHostName } = tls
      if (!checksHostName) return { sslmode: 'verify-ca', sslrootcert }
      return areLocal && sslrootcert === undefined ? { sslmode: 'verify-full' } : { sslrootcert }
    }
  }
}
