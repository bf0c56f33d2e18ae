import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PostgresLocation } from '../postgres-location.ts'
import { parsePostgresUrl } from './postgres-url.ts'
import { defaultSocketDir } from './server-addresses.ts'

const newHome = (passwordFile: string, mode = 0o600): string => {
  const home = mkdtempSync(join(tmpdir(), 'claimlog-home-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  writeFileSync(join(home, '.pgpass'), passwordFile)
  chmodSync(join(home, '.pgpass'), mode)
  return home
}

const parse = (url: string, environment: Record<string, string>): PostgresLocation => {
  const location = parsePostgresUrl(url, environment)
  if (E.isLeft(location)) throw new Error(location.left)
  return location.right
}

const password = (passwordFile: string, url: string, environment: Record<string, string> = {}): string | undefined => {
  const { password: ofAllHosts, hosts } = parse(url, { HOME: newHome(passwordFile), ...environment })
  return ofAllHosts ?? hosts[0]?.password
}

describe('a password file', () => {
  it('gives the password of the first line that matches host, port, database and user', () => {
    const file = [
      '# db:5432:app:ann:commented',
      'db:5432:app:bob:not hers',
      'db:6000:app:ann:other port',
      'db:5432:app:ann:first',
      '*:*:*:*:any',
      'db:5432:app:ann:second',
      '',
    ].join('\n')
    expect(password(file, 'postgres://ann@db/app')).toBe('first')
    expect(password(file, 'postgres://ann@db:6000/app')).toBe('other port')
    expect(password(file, 'postgres://eve@db/app')).toBe('any')
    expect(password('db:5432:app:ann:first\n', 'postgres://ann@db/other')).toBeUndefined()
  })

  it('gives each of several hosts its own password, and none to a host without a line', () => {
    const file = 'one:*:*:*:first\ntwo:*:*:*:second\n'
    const { password: ofAllHosts, hosts } = parse('postgres://ann@one,other,two/app', { HOME: newHome(file) })
    expect(ofAllHosts).toBeUndefined()
    expect(hosts.map(each => each.password)).toEqual(['first', undefined, 'second'])
  })

  it('escapes colons and backslashes with a backslash', () => {
    const file = String.raw`\:\:1:5432:a\\b:ann:p\:a\\ss` + '\n'
    expect(password(file, 'postgres://ann@[::1]/a%5Cb')).toBe(String.raw`p:a\ss`)
  })

  it('means the socket in its usual directory by localhost', () => {
    const file = 'localhost:5432:app:ann:local\n/run/own:*:*:*:own\n'
    expect(password(file, `postgres:///app?user=ann&host=${defaultSocketDir()}`)).toBe('local')
    expect(password(file, 'postgres:///app?user=ann&host=/run/own')).toBe('own')
  })

  it('counts after a password in the URL and PGPASSWORD', () => {
    expect(password('*:*:*:*:file\n', 'postgres://ann:url@db/app', { PGPASSWORD: 'variable' })).toBe('url')
    expect(password('*:*:*:*:file\n', 'postgres://ann@db/app', { PGPASSWORD: 'variable' })).toBe('variable')
    expect(password('*:*:*:*:file\n', 'postgres://ann@db/app')).toBe('file')
  })

  it('can be another one, by PGPASSFILE or in the URL', () => {
    const other = join(newHome('*:*:*:*:other\n'), '.pgpass')
    expect(password('*:*:*:*:file\n', 'postgres://ann@db/app', { PGPASSFILE: other })).toBe('other')
    expect(password('*:*:*:*:file\n', `postgres://ann@db/app?passfile=${other}`)).toBe('other')
  })

  it('is not used if other users have access to it, and the reason is kept for the message', () => {
    for (const mode of [0o640, 0o604, 0o620]) {
      const home = newHome('*:*:*:*:file\n', mode)
      const location = parse('postgres://ann@db/app', { HOME: home })
      expect([location.password, location.hosts[0]?.password]).toEqual([undefined, undefined])
      expect(location.ignoredPasswordFile).toBe(
        `${home}/.pgpass is ignored, as other users have access to it; chmod 600 ends that`,
      )
    }
    expect(parse('postgres://ann@db/app', { HOME: '/nonexistent' }).ignoredPasswordFile).toBeUndefined()
  })
})
