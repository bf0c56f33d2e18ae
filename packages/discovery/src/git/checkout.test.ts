import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findTrackedLog, watchTrackedLog, checkTracking } from './checkout.ts'

const newDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-git-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Runs git without the machine's configuration. */
const git = (cwd: string, ...words: ReadonlyArray<string>): string =>
  execFileSync('git', words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b' },
      ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' },
    },
  })

const write = (root: string, ...paths: ReadonlyArray<string>): void => {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${path}\n`)
  }
}

const repository = (...words: ReadonlyArray<string>): string => {
  const root = newDir()
  git(root, 'init', '-q', ...words)
  return root
}

/** Adds an entry to the index for each path, even without a file. */
const addToIndex = (root: string, paths: ReadonlyArray<string>): void => {
  write(root, 'README')
  const blob = git(root, 'hash-object', '-w', 'README').trim()
  const entries = paths.map(path => `100644 ${blob}\t${path}\n`).join('')
  execFileSync('git', ['update-index', '--index-info'], { cwd: root, input: entries })
}

/** Logs in workspaces with similar names, and files around them. */
const logs = ['.claimlog', 'a/.claimlog', 'a/b/.claimlog', 'x.claimlog', '.claimlog2', 'é/.claimlog', 'z'].map(
  dir => `${dir}/events.jsonl`,
)
const others = ['README', '.claimlog/queue.json', 'a/file', 'zz/last']

const isTracked = (root: string, path: string): boolean => findTrackedLog(dirname(join(root, path))) !== undefined

/** Every log is tracked exactly if `git ls-files` lists it. */
const expectSameAsGit = (root: string): void => {
  const tracked = new Set(git(root, 'ls-files', '-z').split('\0'))
  const expected = logs.map(path => [path, tracked.has(path)])
  expect(logs.map(path => [path, isTracked(root, path)])).toEqual(expected)
}

const formats: ReadonlyArray<readonly [string, ReadonlyArray<string>, (root: string) => void]> = [
  ['of version 2', [], () => undefined],
  ['of version 3', [], root => git(root, 'add', '-N', 'a/file')],
  ['of version 4', [], root => git(root, 'update-index', '--index-version', '4')],
  [
    'of version 4 written in blocks',
    [],
    root => git(root, '-c', 'index.threads=4', 'update-index', '--index-version', '4'),
  ],
  ['with SHA-256', ['--object-format=sha256'], () => undefined],
  ['of version 4 with SHA-256', ['--object-format=sha256'], root => git(root, 'update-index', '--index-version', '4')],
  ['that is split', [], root => git(root, 'update-index', '--split-index')],
  [
    'that is split, with an untracked cache',
    [],
    root => git(root, 'update-index', '--split-index', '--untracked-cache'),
  ],
]

describe("git's index", () => {
  it.each(formats)('%s shows which logs are tracked, after each change', (_, words, change) => {
    const root = repository(...words)
    write(root, ...logs, ...others)
    addToIndex(root, [`${'deep/'.repeat(900)}file`])
    git(root, 'add', 'README', '.claimlog/queue.json', 'zz/last')
    change(root)
    expectSameAsGit(root)
    for (const log of [...logs].reverse()) {
      git(root, 'add', log)
      expectSameAsGit(root)
    }
    git(root, 'commit', '-q', '-m', 'all')
    expectSameAsGit(root)
    for (const log of logs) {
      git(root, 'rm', '-q', '--cached', log)
      expectSameAsGit(root)
    }
  })

  it('is unknown for a log below a directory that a sparse checkout leaves out', () => {
    const root = repository()
    write(root, ...logs, ...others)
    git(root, 'add', '.')
    git(root, 'commit', '-q', '-m', 'all')
    git(root, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'zz')
    expect(git(root, 'ls-files', '--sparse')).toContain('a/\n')
    // An existing file would make git list the whole directory again.
    mkdirSync(join(root, 'a/.claimlog'), { recursive: true })
    expect(checkTracking(join(root, 'a/.claimlog'))).toMatchObject({ tracking: 'unknown' })
    expect(checkTracking(join(root, 'zz'))).toMatchObject({ tracking: 'untracked' })
  })

  it('contains a log during an unresolved merge', () => {
    const root = repository()
    const [log = ''] = logs
    write(root, log)
    git(root, 'add', '.')
    git(root, 'commit', '-q', '-m', 'one')
    git(root, 'checkout', '-q', '-b', 'other')
    writeFileSync(join(root, log), 'theirs\n')
    git(root, 'commit', '-q', '-a', '-m', 'theirs')
    git(root, 'checkout', '-q', '-')
    writeFileSync(join(root, log), 'ours\n')
    git(root, 'commit', '-q', '-a', '-m', 'ours')
    expect(() => git(root, 'merge', '-q', 'other')).toThrow()
    expect(isTracked(root, log)).toBe(true)
  })

  it('does not fail if it is truncated', () => {
    const root = repository()
    write(root, ...logs)
    git(root, 'add', '.')
    const path = join(root, '.git/index')
    const bytes = readFileSync(path)
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length))
      expect(() => isTracked(root, logs[0] as string)).not.toThrow()
    }
  })
})

describe('the checkout that contains a log', () => {
  const [log = ''] = logs

  it('is a linked worktree with a separate index', () => {
    const root = repository()
    write(root, log, 'README')
    git(root, 'add', 'README')
    git(root, 'commit', '-q', '-m', 'one')
    git(root, 'worktree', 'add', '-q', 'wt')
    const worktree = join(root, 'wt')
    write(worktree, log)
    git(worktree, 'add', '-f', log)
    expect([isTracked(root, log), isTracked(worktree, log)]).toEqual([false, true])
  })

  it('is that of the target of a link to the workspace', () => {
    const root = repository()
    const otherRoot = repository()
    write(otherRoot, log)
    git(otherRoot, 'add', '.')
    symlinkSync(join(otherRoot, '.claimlog'), join(root, '.claimlog'))
    git(root, 'add', '.')
    expect(findTrackedLog(join(root, '.claimlog'))).toMatchObject({ checkout: otherRoot, folder: '.claimlog' })
    git(otherRoot, 'rm', '-q', '--cached', log)
    expect(findTrackedLog(join(root, '.claimlog'))).toBeUndefined()
  })

  it('is undefined if no directory above has one', () => {
    const dir = newDir()
    write(dir, log)
    expect(checkTracking(join(dir, '.claimlog'))).toBeUndefined()
  })
})

describe('a large index', () => {
  it('is read again only after it has changed', () => {
    const root = repository()
    const [log = ''] = logs
    write(root, log)
    mkdirSync(join(root, '.claimlog/derived'))
    addToIndex(
      root,
      Array.from({ length: 3000 }, (_, i) => `files/number-${i}`),
    )
    expect(isTracked(root, log)).toBe(false)
    expect(readFileSync(join(root, '.claimlog/derived/git.untracked'), 'utf8')).not.toBe('')
    expect(isTracked(root, log)).toBe(false)
    git(root, 'add', log)
    expect(isTracked(root, log)).toBe(true)
    expect(isTracked(root, log)).toBe(true)
    git(root, 'rm', '-q', '--cached', log)
    expect(isTracked(root, log)).toBe(false)
  })
})

describe('the check before each command', () => {
  it('does not prevent a command if git’s index cannot be read', () => {
    const root = repository()
    const index = join(root, '.git', 'index')
    symlinkSync(index, index)
    const notices: Array<unknown> = []
    const check = watchTrackedLog(root, notice => notices.push(notice))
    expect(() => findTrackedLog(root)).toThrow('ELOOP')
    check()
    expect(notices).toEqual([])
  })
})
