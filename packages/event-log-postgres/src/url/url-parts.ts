import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

/** The variables of a process, as `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A host and its port as text; '' if not given. */
export type HostText = { readonly host: string; readonly port: string }

/** The parts of a URL, decoded, as they are written; undefined or absent: not given. */
export type UrlParts = {
  readonly user: string | undefined
  readonly password: string | undefined
  readonly hosts: ReadonlyArray<HostText>
  readonly database: string | undefined
  readonly parameters: ReadonlyMap<string, string>
}

/** The result, or in words for a message why the URL cannot be used. */
export type Parsed<A> = E.Either<string, A>

// Any part of a malformed URL can be a piece of the password, so no text here quotes the URL.
const encodingAdvice =
  'percent-encode special characters of the user name and the password: @ is %40, : is %3A, / is %2F, ? is %3F, # is %23, % is %25'

/** Splits a URL `postgres://user:password@host:port,host2:port2/database?name=value` and decodes its parts. */
export const splitUrl = (url: string): Parsed<UrlParts> => {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? []
  if (scheme === undefined || !/^postgres(ql)?$/i.test(scheme)) return E.left('no log of this kind; postgres:// is')
  if (!rest.startsWith('//')) return E.left('the URL of a log begins with postgres://')
  if (/[\s\p{Cc}]/u.test(rest)) return E.left('the URL has white space or a control character; percent-encode it')
  const [, authority = '', path = '', query = ''] = /^\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(rest) ?? []
  const [server = '', login, ...more] = authority.split('@').reverse()
  if (more.length > 0 || /@/.test(path + query) || rest.includes('#'))
    return E.left(`the URL has an @ or # in the wrong place; ${encodingAdvice}`)
  if (path.includes('/')) return E.left('the name of the database has a /; write it as %2F')
  return pipe(
    E.Do,
    E.bind('login', () => splitLogin(login)),
    E.bind('hosts', () => splitHosts(server)),
    E.bind('database', () => decode(path)),
    E.bind('parameters', () => splitParameters(query)),
    E.map(({ login: [user, password], hosts, database, parameters }) => ({
      user: user || undefined,
      password: password || undefined,
      hosts,
      database: database || undefined,
      parameters,
    })),
  )
}

/** Decodes percent-encoding; unlike in a form, `+` is a plus sign. */
const decode = (text: string): Parsed<string> => {
  try {
    const decoded = decodeURIComponent(text)
    // The start of a connection contains names as they are, and another service's protocol may have lines.
    return /\p{Cc}/u.test(decoded) ? E.left('the URL has a control character, as %00 or %0A') : E.right(decoded)
  } catch {
    return E.left(`the URL has a % that begins no percent-encoded character; ${encodingAdvice}`)
  }
}

const splitLogin = (login = ''): Parsed<ReadonlyArray<string>> => {
  const colon = login.indexOf(':')
  const texts = colon === -1 ? [login] : [login.slice(0, colon), login.slice(colon + 1)]
  return E.traverseArray(decode)(texts)
}

/** Splits `host:port,[address]:port`; also the values of `host=` and `PGHOST`, which have no ports. */
const splitHosts = (server: string): Parsed<ReadonlyArray<HostText>> =>
  server === '' ? E.right([]) : E.traverseArray(splitHost)(server.split(','))

const splitHost = (text: string): Parsed<HostText> => {
  const [, address, name = '', port = ''] = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [
    undefined,
    undefined,
    text,
  ]
  if (address === undefined && name.includes('['))
    return E.left('an IPv6 address in the URL is not complete; write [::1] or [::1]:5432')
  if (!/^\d*$/.test(port)) return E.left(`a port in the URL is not a number; ${encodingAdvice}`)
  return pipe(
    decode(address ?? name),
    E.map(host => ({ host, port })),
  )
}

const splitParameters = (query: string): Parsed<ReadonlyMap<string, string>> =>
  pipe(
    query === '' ? [] : query.split('&'),
    E.traverseArray(splitParameter),
    E.chain(pairs => {
      const parameters = new Map(pairs)
      return parameters.size === pairs.length ? E.right(parameters) : E.left('a parameter of the URL is given twice')
    }),
  )

const splitParameter = (pair: string): Parsed<readonly [string, string]> => {
  const equals = pair.indexOf('=')
  if (equals <= 0) return E.left('a parameter of the URL is not of the form name=value; & in a value is %26')
  return pipe(
    E.Do,
    E.bind('name', () => decode(pair.slice(0, equals))),
    E.bind('value', () => decode(pair.slice(equals + 1))),
    E.chain(({ name, value }) =>
      value === '' ? E.left('a parameter of the URL has no value') : E.right([name, value] as const),
    ),
  )
}
