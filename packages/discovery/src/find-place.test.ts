import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findPlace, findWorkspace } from './find-workspace.ts'
import { hasPassword, withoutPassword } from './log-url.ts'
import { checkConfigurable, configureWorkspace, makeWorkspace } from './make-workspace.ts'

const url = 'postgres://ann@db.example.org/app?workspace=docs'
const otherUrl = 'postgres://ann@db.example.org/app?workspace=other'

const newDir = (): string => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'claimlog-place-')))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Makes `.claimlog` in a new directory with the files given, and returns its path. */
const newWorkspace = (files: Readonly<Record<string, string>>): string => {
  const dir = join(newDir(), '.claimlog')
  mkdirSync(dir)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

const config = (log: unknown): string => JSON.stringify({ log })
const named = (dir: string | undefined, keepsQueueFile: boolean) =>
  E.right({ _tag: 'server', url, isNamedByFile: false, dir, keepsQueueFile })
const namedByFile = (dir: string) => E.right({ _tag: 'server', url, isNamedByFile: true, dir, keepsQueueFile: true })
const directory = (dir: string) => E.right({ _tag: 'directory', dir })

describe('the log that is used', () => {
  it('is the one of a named URL before that of a directory, which is then for derived files', () => {
    const empty = newDir()
    expect(findPlace({ log: url })).toEqual(named(undefined, false))
    expect(findPlace({ log: url, dir: empty })).toEqual(named(empty, true))
    const configured = newWorkspace({ 'config.json': config(otherUrl) })
    expect(findPlace({ log: url, dir: configured })).toEqual(named(configured, true))
  })

  it('never gets its derived files into the directory of another log', () => {
    const dir = newWorkspace({ 'events.jsonl': '{"seq":1}\n' })
    expect(findPlace({ log: url, dir })).toEqual(named(undefined, false))
  })

  it('is in the named directory, or where its config.json leads', () => {
    const file = newWorkspace({ 'events.jsonl': '{"seq":1}\n' })
    expect(findPlace({ dir: file })).toEqual(directory(file))
    const configured = newWorkspace({ 'config.json': config(url) })
    expect(findPlace({ dir: configured })).toEqual(namedByFile(configured))
    expect(findWorkspace({ dir: configured })).toEqual(E.left({ failure: 'LogOnServer', url }))
  })

  it('is not read from a config.json of another program: the directory has another name', () => {
    const dir = newDir()
    writeFileSync(join(dir, 'config.json'), '{"name":"mine"}')
    expect(findPlace({ dir })).toEqual(directory(dir))
  })
})

describe('a directory with events.jsonl and a config.json', () => {
  it('has two logs, unless the first has no event or was moved', () => {
    const two = newWorkspace({ 'config.json': config(url), 'events.jsonl': '{"seq":1}\n' })
    const failure = { failure: 'TwoLogs', path: join(two, 'events.jsonl'), configPath: join(two, 'config.json'), url }
    expect(findPlace({ dir: two })).toEqual(E.left(failure))
    const empty = newWorkspace({ 'config.json': config(url), 'events.jsonl': '' })
    expect(findPlace({ dir: empty })).toEqual(namedByFile(empty))
    const moves = '{"seq":1}\n{"seq":2,"event":"moved","log_id":"a log on a server"}\n'
    const moved = newWorkspace({ 'config.json': config(url), 'events.jsonl': moves })
    expect(findPlace({ dir: moved })).toEqual(namedByFile(moved))
  })
})

describe('a config.json', () => {
  it.each([
    ['{', 'it is not a JSON object'],
    ['[]', 'it is not a JSON object'],
    ['{"log":"postgres://db/app","colour":1}', 'it has the unknown field "colour"; it can only have "log"'],
    ['{}', 'its field "log" is not the URL of a log'],
    ['{"log":1}', 'its field "log" is not the URL of a log'],
  ])('%s is refused with its path: %s', (text, detail) => {
    const dir = newWorkspace({ 'config.json': text })
    expect(findPlace({ dir })).toEqual(E.left({ failure: 'ConfigUnusable', path: join(dir, 'config.json'), detail }))
  })

  it.each(['postgres://ann:QXQZ@db/app', 'postgres://db/app?password=QXQZ', 'postgres://ann:QX/Q@Z@db/app'])(
    'with the password of %s is refused, and the password is not repeated',
    log => {
      const found = findPlace({ dir: newWorkspace({ 'config.json': config(log) }) })
      expect(JSON.stringify(found)).toContain('contains a password')
      expect(JSON.stringify(found)).not.toContain('QX')
      expect(hasPassword(log)).toBe(true)
      expect(withoutPassword(log)).not.toContain('QX')
    },
  )

  it('is written without the password, once, and never beside a log', () => {
    const dir = join(newDir(), '.claimlog')
    expect(configureWorkspace(dir, 'postgres://ann:QXQZ@db.example.org/app?workspace=docs')).toEqual(E.right(undefined))
    expect(findPlace({ dir })).toEqual(namedByFile(dir))
    expect(configureWorkspace(dir, url)).toEqual(E.right(undefined))
    expect(E.isLeft(configureWorkspace(dir, otherUrl))).toBe(true)
    const unknownKind = { failure: 'LogUrlUnusable', detail: 'no log of this kind; postgres:// is' }
    expect(checkConfigurable(dir, 'nats://db/app')).toEqual(E.left(unknownKind))
    const file = join(newDir(), '.claimlog')
    makeWorkspace(file, false)
    expect(checkConfigurable(file, url)).toEqual(E.right('new'))
    writeFileSync(join(file, 'events.jsonl'), '{"seq":1}\n')
    expect(checkConfigurable(file, url)).toMatchObject({ left: { failure: 'TwoLogs' } })
  })
})
