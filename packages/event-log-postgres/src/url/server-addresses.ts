import { existsSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ServerAddress } from '../postgres-location.ts'
import type { Variables, HostText } from './url-parts.ts'

/** Hosts from the URL, as `host:port` before the database, and as the parameters `host` and `port`. */
type GivenHosts = {
  readonly hosts: ReadonlyArray<HostText>
  readonly hostParameter: string | undefined
  readonly portParameter: string | undefined
}

const defaultPort = '5432'

/** The directory of the server's socket if no host is given: Debian's and Red Hat's, else that of PostgreSQL itself. */
export const defaultSocketDir = (): string => (existsSync('/var/run/postgresql') ? '/var/run/postgresql' : '/tmp')

/** The servers of a URL: as given, else `PGHOST` and `PGPORT`, else the socket of this machine's server. */
export const resolveAddresses = (
  { hosts, hostParameter, portParameter }: GivenHosts,
  environment: Variables,
): E.Either<string, ReadonlyArray<ServerAddress>> => {
  const isInAuthority = hosts.some(({ host }) => host !== '')
  if (isInAuthority && hostParameter !== undefined) return E.left('the URL names the host twice; leave out host=')
  if (hosts.some(({ port }) => port !== '') && portParameter !== undefined)
    return E.left('the URL names the port twice; leave out port=')
  if (environment['PGHOSTADDR']) return E.left('PGHOSTADDR is set and not supported; name the address in PGHOST')
  const names = isInAuthority
    ? hosts.map(({ host }) => host)
    : (hostParameter ?? (environment['PGHOST'] || defaultSocketDir())).split(',')
  const givenPorts = hosts.some(({ port }) => port !== '')
    ? hosts.map(({ port }) => port)
    : (portParameter ?? (environment['PGPORT'] || defaultPort)).split(',')
  const ports = givenPorts.length === 1 ? names.map(() => givenPorts[0] as string) : givenPorts
  if (ports.length !== names.length) return E.left(`there are ${names.length} hosts, but ${ports.length} ports`)
  return pipe(
    names.map((host, i) => ({ host, port: ports[i] || defaultPort })),
    E.traverseArray(checkAddress),
  )
}

const checkAddress = ({ host, port }: HostText): E.Either<string, ServerAddress> => {
  if (!isHost(host)) return E.left('a host is neither a name, an address nor the absolute path of a directory')
  const number = Number(port)
  return /^\d{1,5}$/.test(port) && number >= 1 && number <= 65_535
    ? E.right({ host, port: number })
    : E.left('a port is not a number from 1 to 65535')
}

const isHost = (host: string): boolean => host.startsWith('/') || isIPv6(host) || /^[\p{L}\p{N}._-]+$/u.test(host)
