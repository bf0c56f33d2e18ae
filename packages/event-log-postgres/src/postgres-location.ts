/** A server. A `host` that begins with `/` is the directory of its Unix socket, which never has TLS. */
export type ServerAddress = {
  readonly host: string
  readonly port: number
  /** That of its line in the password file. No other server gets it. */
  readonly password?: string | undefined
}

/**
 * The log-ins that a server may ask for, as `require_auth` of libpq: only SCRAM, with which the server learns no
 * password and proves that it knows it; or also none at all.
 */
export type RequireAuth = 'scram-sha-256' | 'scram-sha-256,none'

/** The place of a log on a server: all that a URL and the environment say about it. */
export type PostgresLocation = {
  /** Tried in this order, until one accepts writes: they are servers of one cluster, with the same roles. */
  readonly hosts: ReadonlyArray<ServerAddress>
  readonly database: string
  readonly user: string
  /** For all hosts. undefined: none was given, or those of a file. Never printed, logged or written. */
  readonly password: string | undefined
  /** The reason why a password file was not used, for the message of a log-in that fails without a password. */
  readonly ignoredPasswordFile: string | undefined
  /** The name of the queue in the database. */
  readonly workspace: string
  /** The schema of claimlog's tables: an identifier that needs no quotes. */
  readonly schema: string
  /** False: named prepared statements are not used, because a pooler between client and server loses them. */
  readonly prepare: boolean
  readonly tls: TlsMode
  /** undefined: a password is sent in any form. */
  readonly requireAuth: RequireAuth | undefined
  /** True if a file names the server, perhaps one that came with a repository, and not the user. */
  readonly isNamedByFile: boolean
}

/**
 * `off`: no TLS, on a Unix socket or loopback, or because the URL asks for it. `verified`: the certificate is signed by
 * a trusted authority and, with `checksHostName`, is for this host. `unverified`: encrypted, and anyone can be at the
 * other end; only if the URL asks for it.
 */
export type TlsMode =
  | { readonly _tag: 'off' }
  | {
      readonly _tag: 'verified'
      /** The trusted authorities, in PEM; undefined: those of Node.js. */
      readonly rootCertificates: string | undefined
      /** `sslrootcert` as given: an absolute path or `system`; undefined: not given. */
      readonly rootCertificateFile: string | undefined
      readonly checksHostName: boolean
    }
  | { readonly _tag: 'unverified' }

/** True for a Unix socket and for addresses that do not leave the machine. */
export const isLocal = ({ host }: ServerAddress): boolean =>
  host.startsWith('/') || host === '::1' || host.toLowerCase() === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
