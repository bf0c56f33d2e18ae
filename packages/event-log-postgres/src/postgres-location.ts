/** The place of a log on a server: all that a URL and the environment say about it. */
export type PostgresLocation = {
  /** Tried in this order; a host that begins with `/` is the directory of a Unix socket. */
  readonly hosts: ReadonlyArray<{ readonly host: string; readonly port: number }>
  readonly database: string
  readonly user: string
  /** undefined: none was given; the server may not ask for one. Never printed, logged or written. */
  readonly password: string | undefined
  /** The name of the queue in the database. */
  readonly workspace: string
  /** The schema of claimlog's tables. */
  readonly schema: string
  /** False: named prepared statements are not used, because a pooler between client and server loses them. */
  readonly prepare: boolean
  readonly tls: TlsMode
}

/**
 * `off`: no TLS, for a Unix socket or loopback. `verified`: the certificate is signed by a trusted authority and is for
 * this host. `unverified`: encrypted, and anyone can be at the other end; only if the URL asks for it.
 */
export type TlsMode =
  | { readonly _tag: 'off' }
  | { readonly _tag: 'verified'; readonly rootCertificates: string | undefined; readonly checksHostName: boolean }
  | { readonly _tag: 'unverified' }
