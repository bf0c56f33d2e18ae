import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { PostgresLocation } from '../postgres-location.ts'
import { explainIdentifier } from '../schema/identifier.ts'
import { describeLocation } from './describe-location.ts'
import { parsePostgresUrl } from './postgres-url.ts'
import { defaultSocketDir } from './server-addresses.ts'
import type { Variables } from './url-parts.ts'

const seed = 20_261_201
const noHome = { HOME: '/nonexistent' }

const folder = mkdtempSync(join(tmpdir(), 'claimlog-url-'))
const authorityFile = join(folder, 'ca.pem')
writeFileSync(authorityFile, 'certificates')
afterAll(() => rmSync(folder, { recursive: true }))

const parse = (url: string, environment: Variables = {}): PostgresLocation => {
  const location = parsePostgresUrl(url, { ...noHome, ...environment })
  if (E.isLeft(location)) throw new Error(location.left)
  return location.right
}

const refusal = (url: string, environment: Variables = {}): string => {
  const location = parsePostgresUrl(url, { ...noHome, ...environment })
  return E.isLeft(location) ? location.left : `accepted: ${describeLocation(location.right)}`
}

describe('the URL of a log', () => {
  it('names server, database, user, password, workspace and schema, and is verified and prepared unless it says otherwise', () => {
    expect(parse('postgres://ann:s%40cret@db.example.org/app?workspace=docs')).toEqual({
      hosts: [{ host: 'db.example.org', port: 5432 }],
      user: 'ann',
      password: 's@cret',
      ignoredPasswordFile: undefined,
      database: 'app',
      workspace: 'docs',
      schema: 'claimlog',
      prepare: true,
      requireAuth: undefined,
      isNamedByFile: false,
      tls: { _tag: 'verified', rootCertificates: undefined, rootCertificateFile: undefined, checksHostName: true },
    })
    const other = parse('postgresql://ann@[::1]:6432/app?schema=queues&prepare=false')
    expect(other).toMatchObject({ hosts: [{ host: '::1', port: 6432 }], workspace: 'default', schema: 'queues' })
    expect(other).toMatchObject({ prepare: false, tls: { _tag: 'off' }, password: undefined })
  })

  it('can name several hosts, each with its port', () => {
    expect(parse('postgres://ann@a,b:5433,[fe80::1]:5434/app').hosts).toEqual([
      { host: 'a', port: 5432 },
      { host: 'b', port: 5433 },
      { host: 'fe80::1', port: 5434 },
    ])
    expect(parse('postgres:///app?host=a,b&port=5433').hosts).toEqual([
      { host: 'a', port: 5433 },
      { host: 'b', port: 5433 },
    ])
    expect(refusal('postgres:///app?host=a,b&port=1,2,3')).toBe('there are 2 hosts, but 3 ports')
  })

  it('can name the directory of a socket, also percent-encoded in place of the host', () => {
    const expected = { hosts: [{ host: '/run/pg', port: 5433 }], database: 'app', tls: { _tag: 'off' } }
    expect(parse('postgres:///app?host=/run/pg&port=5433')).toMatchObject(expected)
    expect(parse('postgres://%2Frun%2Fpg:5433/app')).toMatchObject(expected)
  })

  it('takes what it does not name from the variables of libpq', () => {
    const variables = { PGHOST: '127.0.0.9', PGPORT: '6000', PGUSER: 'bob', PGDATABASE: 'app', PGPASSWORD: 'secret' }
    const hosts = [{ host: '127.0.0.9', port: 6000 }]
    expect(parse('postgres://', variables)).toMatchObject({ hosts, user: 'bob', database: 'app', password: 'secret' })
    const named = parse('postgres://ann:own@db:1/other', variables)
    expect(named).toMatchObject({ hosts: [{ host: 'db', port: 1 }], user: 'ann', database: 'other', password: 'own' })
  })

  it("means this machine's socket and the system's user if nothing names them", () => {
    const { username } = userInfo()
    expect(parse('postgres:///')).toMatchObject({
      hosts: [{ host: defaultSocketDir(), port: 5432 }],
      user: username,
      database: username,
    })
  })

  it.each([
    ['nats://localhost:4222', 'no log of this kind; postgres:// is'],
    ['mysql://ann:secret@db/app', 'no log of this kind; postgres:// is'],
    ['file:///srv/queue', 'no log of this kind; postgres:// is'],
    ['.claimlog', 'no log of this kind; postgres:// is'],
    ['postgres:db', 'the URL of a log begins with postgres://'],
    ['postgres://db/app?worspace=x', 'the URL has the unknown parameter "worspace"; did you mean workspace?'],
    ['postgres://db/app?sslrotcert=x', 'the URL has the unknown parameter "sslrotcert"; did you mean sslrootcert?'],
    [
      'postgres://db/app?application_name=x',
      'the URL has the parameter application_name: claimlog names its sessions itself',
    ],
    ['postgres://db/app?workspace=a&workspace=b', 'a parameter of the URL is given twice'],
    ['postgres://db/app?workspace=', 'a parameter of the URL has no value'],
    ['postgres://db/app?host=other', 'the URL names the host twice; leave out host='],
    ['postgres://db:70000/app', 'a port is not a number from 1 to 65535'],
    ['postgres://[::1/app', 'an IPv6 address in the URL is not complete; write [::1] or [::1]:5432'],
    ['postgres://db/app?prepare=no', 'prepare is neither true nor false'],
    [
      'postgres://db/app?target_session_attrs=any',
      'target_session_attrs is not read-write; a log needs a server that accepts writes',
    ],
    ['postgres://db/app%0Aline', 'the URL has a control character, as %00 or %0A'],
    [
      'postgres://db/app?require_auth=md5',
      'require_auth is neither scram-sha-256 nor scram-sha-256,none; claimlog supports no other',
    ],
    ['postgres://db/a/b', 'the name of the database has a /; write it as %2F'],
  ])('%s is refused: %s', (url, detail) => {
    expect(refusal(url)).toBe(detail)
  })

  it('takes any text of up to 63 characters as the name of a workspace', () => {
    for (const name of ['.hidden', 'a b', 'a/b', 'ä', `a'b"c`, '$migrate$', '😀'.repeat(63)])
      expect(parse(`postgres://db/app?workspace=${encodeURIComponent(name)}`).workspace).toBe(name)
    expect(refusal(`postgres://db/app?workspace=${'a'.repeat(64)}`)).toMatch(/^workspace is not a name/)
  })

  it.each([
    ...['Claimlog', '1a', 'a-b', 'a b', 'a"b', 'a'.repeat(64)],
    ...['pg_claimlog', 'information_schema', 'public', 'user', 'select'],
  ])('refuses the schema %j', name => {
    expect(refusal(`postgres://db/app?schema=${encodeURIComponent(name)}`)).toMatch(/^schema is /)
  })

  it('refuses a user or a database of more than 63 bytes, which the server would cut', () => {
    const name = 'ä'.repeat(32)
    expect(refusal(`postgres://${encodeURIComponent(name)}@db/app`)).toMatch(/^the name of the user has more/)
    expect(refusal('postgres://ann@db', { PGDATABASE: name })).toMatch(/^the name of the database has more/)
    expect(refusal('postgres://db/app', { PGUSER: 'a\nb' })).toBe('the name of the user has a control character')
  })

  it('refuses service files and other addresses of libpq by name', () => {
    expect(refusal('postgres://db/app', { PGSERVICE: 'prod' })).toMatch(/^PGSERVICE is set/)
    expect(refusal('postgres://db/app?service=prod')).toMatch(/parameter service:/)
    expect(refusal('postgres://db/app', { PGHOSTADDR: '10.0.0.1' })).toMatch(/^PGHOSTADDR is set/)
  })
})

/** Words that only a password contains, with every character that has a meaning in a URL. */
const piece = fc.string({ unit: fc.constantFrom(...'QXZ'), minLength: 4, maxLength: 6 })
const separator = fc.constantFrom(':', '/', '?', '#', '@', '%', '&', '=', ',', '[', ']', ' ', '%40', '%zz', '')
const anyPassword = fc
  .tuple(piece, separator, piece, separator, piece)
  .map(parts => ({ password: parts.join(''), pieces: [parts[0], parts[2], parts[4]] }))

describe('a password in a URL', () => {
  it('is in no description and no refusal, wherever it is and however malformed the URL is', () => {
    const urls: ReadonlyArray<(password: string) => string> = [
      password => `postgres://ann:${password}@db/app?workspace=docs`,
      password => `postgres://ann:${encodeURIComponent(password)}@db/app`,
      password => `postgres://:${password}@db`,
      password => `postgres://ann:${password}@db:port/app?workspce=docs`,
      password => `postgres://ann:${password}@db/app?workspace=a b`,
      password => `postgres://db/app?user=ann&password=${password}`,
      password => `postgres://db/app?password=${password}&wrkspace=docs`,
      password => `postgres:ann:${password}@db/app`,
      password => `ann:${password}@db/app`,
      password => `mysql://ann:${password}@db/app`,
      password => `postgres://ann:${password}@[::1/app`,
    ]
    fc.assert(
      fc.property(anyPassword, fc.constantFrom(...urls), ({ password, pieces }, makeUrl) => {
        const text = refusal(makeUrl(password))
        for (const word of pieces) expect(text).not.toContain(word)
      }),
      { seed, numRuns: 3000 },
    )
  })

  it('with special characters is refused with the advice to encode them', () => {
    for (const password of ['p@ss:word', 'p/ss', 'p?ss', 'p#ss', 'p%ss'])
      expect(refusal(`postgres://user:${password}@host/db`)).toMatch(/percent-encode special characters/)
  })
})

describe('TLS', () => {
  const mode = (url: string, environment: Variables = {}): string => {
    const { tls } = parse(url, environment)
    return tls._tag === 'verified' ? (tls.checksHostName ? 'verify-full' : 'verify-ca') : tls._tag
  }

  it('verifies the server, except on this machine', () => {
    expect(mode('postgres://db/app')).toBe('verify-full')
    expect(mode('postgres://127.0.0.1,db/app')).toBe('verify-full')
    expect(mode('postgres://128.0.0.1/app')).toBe('verify-full')
    expect(mode('postgres://127.0.0.1.example.org/app')).toBe('verify-full')
    for (const host of ['127.0.0.1', '127.8.8.8', '[::1]', 'localhost', '%2Ftmp'])
      expect(mode(`postgres://${host}/app`)).toBe('off')
  })

  it('is weaker only if that is asked for by a name that says so', () => {
    expect(mode('postgres://db/app?sslmode=disable')).toBe('off')
    expect(mode('postgres://db/app?sslmode=require')).toBe('unverified')
    expect(mode('postgres://db/app?sslmode=no-verify')).toBe('unverified')
    expect(mode(`postgres://db/app?sslmode=verify-ca&sslrootcert=${authorityFile}`)).toBe('verify-ca')
    expect(mode('postgres://127.0.0.1/app?sslmode=verify-full')).toBe('verify-full')
    expect(mode('postgres://db/app', { PGSSLMODE: 'require' })).toBe('unverified')
    for (const weak of ['allow', 'prefer'])
      expect(refusal(`postgres://db/app?sslmode=${weak}`)).toMatch(/switch it off/)
    expect(refusal('postgres://db/app?sslmode=off')).toMatch(/^sslmode is none of/)
  })

  it('needs the file of authorities that is named', () => {
    expect(refusal('postgres://db/app?sslrootcert=/nonexistent/ca.pem')).toMatch(/^could not read/)
    expect(refusal('postgres://db/app?sslrootcert=ca.pem')).toMatch(/not an absolute path/)
    expect(refusal('postgres://db/app?sslmode=verify-ca')).toMatch(/^sslmode=verify-ca needs sslrootcert/)
    expect(refusal('postgres://db/app?sslrootcert=system&sslmode=verify-ca')).toMatch(/needs sslmode=verify-full/)
    expect(mode('postgres://127.0.0.1/app?sslrootcert=system')).toBe('verify-full')
  })
})

describe('a URL in a file', () => {
  const inFile = (url: string, environment: Variables = {}): string => {
    const location = parsePostgresUrl(url, { ...noHome, ...environment }, true)
    if (E.isLeft(location)) return location.left
    const { tls, requireAuth } = location.right
    return `${tls._tag} ${requireAuth}`
  }

  it('gets a password by SCRAM only, whatever it says', () => {
    expect(inFile('postgres://db/app')).toBe('verified scram-sha-256,none')
    expect(inFile('postgres://db/app?require_auth=none,scram-sha-256')).toBe('verified scram-sha-256,none')
    expect(inFile('postgres://db/app?require_auth=scram-sha-256')).toBe('verified scram-sha-256')
    const variables = { PGREQUIREAUTH: 'scram-sha-256' }
    expect(inFile('postgres://db/app?require_auth=none,scram-sha-256', variables)).toBe('verified scram-sha-256')
    expect(parse('postgres://db/app?require_auth=none,scram-sha-256', variables).requireAuth).toBe('scram-sha-256,none')
    expect(parse('postgres://db/app', variables).requireAuth).toBe('scram-sha-256')
  })

  it('can strengthen TLS, and not weaken it', () => {
    for (const weak of ['disable', 'no-verify', 'require', 'verify-ca'])
      expect(inFile(`postgres://db/app?sslmode=${weak}`)).toMatch(
        new RegExp(`^sslmode=${weak} in a file is weaker than verify-full; set PGSSLMODE=${weak}, or name the log`),
      )
    const weaker = { PGSSLMODE: 'disable' }
    expect(inFile('postgres://db/app?sslmode=disable', weaker)).toBe('off scram-sha-256,none')
    expect(inFile('postgres://db/app', weaker)).toBe('off scram-sha-256,none')
    expect(inFile('postgres://db/app?sslmode=verify-full', weaker)).toBe('verified scram-sha-256,none')
    expect(inFile('postgres://127.0.0.1/app?sslmode=disable')).toBe('off scram-sha-256,none')
    expect(inFile('postgres://127.0.0.1/app?sslmode=disable', { PGSSLMODE: 'verify-full' })).toMatch(/weaker/)
    expect(inFile('postgres://127.0.0.1,db/app?sslmode=disable')).toMatch(/weaker/)
  })

  it('names no password and no file of passwords', () => {
    for (const url of ['postgres://ann:secret@db/app', 'postgres://db/app?password=secret'])
      expect(inFile(url)).toBe('a URL in a file has no password')
    expect(inFile('postgres://db/app?passfile=/srv/pass')).toBe(
      'a URL in a file does not name a passfile; set PGPASSFILE',
    )
  })
})

const anyName = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter(name => !name.includes('\0') && Buffer.byteLength(name) <= 63)
const anyHost = fc.constantFrom(
  'db.example.org',
  '127.0.0.1',
  'localhost',
  '::1',
  'fe80::1%eth0',
  '/var/run/pg',
  '/a b,c@d',
)
const anyLocation: fc.Arbitrary<PostgresLocation> = fc.record({
  hosts: fc.array(fc.record({ host: anyHost, port: fc.constantFrom(5432, 1, 65_535) }), { minLength: 1, maxLength: 3 }),
  database: anyName,
  user: anyName,
  password: fc.constantFrom(undefined, 'QXQZQ'),
  ignoredPasswordFile: fc.constant(undefined),
  workspace: anyName.filter(name => [...name].length <= 63),
  schema: fc.stringMatching(/^[a-oq-z_][a-hj-z0-9_]{0,20}$/).filter(name => explainIdentifier(name) === undefined),
  prepare: fc.boolean(),
  tls: fc.oneof(
    fc.constantFrom<PostgresLocation['tls']>({ _tag: 'off' }, { _tag: 'unverified' }),
    fc.record({
      _tag: fc.constant('verified' as const),
      rootCertificates: fc.constant(undefined),
      rootCertificateFile: fc.constantFrom(undefined, 'system'),
      checksHostName: fc.constant(true),
    }),
    fc.constant<PostgresLocation['tls']>({
      _tag: 'verified',
      rootCertificates: 'certificates',
      rootCertificateFile: authorityFile,
      checksHostName: false,
    }),
  ),
  requireAuth: fc.constantFrom(undefined, 'scram-sha-256', 'scram-sha-256,none'),
  isNamedByFile: fc.constant(false),
})

describe('the description of a location', () => {
  it('is a URL of the same place, without the password', () => {
    fc.assert(
      fc.property(anyLocation, location => {
        // A comma separates directories in `host=`, as for libpq.
        fc.pre(!(location.hosts.length === 1 && location.hosts[0]?.host.includes(',')))
        const url = describeLocation(location)
        expect(url).not.toContain('QXQZQ')
        expect(parse(url)).toEqual({ ...location, password: undefined })
      }),
      { seed, numRuns: 1000 },
    )
  })

  it('leaves out what is usual', () => {
    const describe = (url: string): string => describeLocation(parse(url))
    expect(describe('postgresql://ann:secret@db:5432/app?sslmode=verify-full&prepare=true&schema=claimlog')).toBe(
      'postgres://ann@db/app?workspace=default',
    )
    expect(describe('postgres://ann@/app?host=/tmp&port=5433&workspace=docs')).toBe(
      'postgres://ann@/app?host=/tmp&port=5433&workspace=docs',
    )
  })
})
