import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findCheckout } from './checkout.ts'
import { type MainCheckout, findMainCheckout } from './main-checkout.ts'

const newDir = (): string => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'claimlog-checkouts-')))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const git = (cwd: string, ...words: ReadonlyArray<string>): void => {
  const settings = ['user.name=a', 'user.email=a@b', 'init.defaultBranch=main', 'protocol.file.allow=always']
  const env = { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' }
  execFileSync('git', [...settings.flatMap(each => ['-c', each]), ...words], { cwd, env, stdio: 'pipe' })
}

/** Creates a repository with one commit, its files in `dir`. */
const newRepository = (dir: string, ...words: ReadonlyArray<string>): string => {
  mkdirSync(dir, { recursive: true })
  git(dir, 'init', '-q', ...words)
  git(dir, 'commit', '-q', '--allow-empty', '-m', 'first')
  return dir
}

const addWorktree = (repository: string, dir: string): string => {
  git(repository, 'worktree', 'add', '-q', '--detach', dir)
  return dir
}

const findMain = (dir: string): MainCheckout | undefined => {
  const checkout = findCheckout(dir)
  if (checkout === undefined) throw new Error(`no checkout at or above ${dir}`)
  return findMainCheckout(checkout)
}

const foundMain = (root: string): MainCheckout => ({ _tag: 'found', root })

describe('the main checkout', () => {
  it('of a linked worktree is found from any directory in it, by absolute and by relative paths', () => {
    const dir = newDir()
    const main = newRepository(join(dir, 'main'))
    const worktree = addWorktree(main, join(dir, 'wt'))
    mkdirSync(join(worktree, 'a/b'), { recursive: true })
    expect(findCheckout(join(worktree, 'a/b'))).toMatchObject({ root: worktree })
    expect(findMain(join(worktree, 'a/b'))).toEqual(foundMain(main))
    // As git 2.48 writes them if worktree.useRelativePaths is set.
    writeFileSync(join(worktree, '.git'), 'gitdir: ../main/.git/worktrees/wt\n')
    writeFileSync(join(main, '.git/worktrees/wt/gitdir'), '../../../../wt/.git\n')
    expect(findMain(worktree)).toEqual(foundMain(main))
  })

  it('is undefined for a main checkout, for one with a separate git directory, and for a submodule', () => {
    const dir = newDir()
    const main = newRepository(join(dir, 'main'))
    expect(findMain(main)).toBeUndefined()
    expect(
      findMain(newRepository(join(dir, 'separate'), '--separate-git-dir', join(dir, 'separate.git'))),
    ).toBeUndefined()
    git(main, 'submodule', 'add', '-q', newRepository(join(dir, 'library')), 'sub')
    expect(findCheckout(join(main, 'sub'))).toMatchObject({ root: join(main, 'sub') })
    expect(findMain(join(main, 'sub'))).toBeUndefined()
  })

  it('of a submodule’s linked worktree is the submodule, not the superproject', () => {
    const dir = newDir()
    const main = newRepository(join(dir, 'main'))
    git(main, 'submodule', 'add', '-q', newRepository(join(dir, 'library')), 'sub')
    expect(findMain(addWorktree(join(main, 'sub'), join(dir, 'wt')))).toEqual(foundMain(join(main, 'sub')))
  })

  it('of a bare repository’s worktree is the directory whose .git names it, else the repository itself', () => {
    const dir = newDir()
    const source = newRepository(join(dir, 'source'))
    git(dir, 'clone', '-q', '--bare', source, join(dir, 'repo.git'))
    expect(findMain(addWorktree(join(dir, 'repo.git'), join(dir, 'one')))).toEqual(foundMain(join(dir, 'repo.git')))
    const project = join(dir, 'project')
    mkdirSync(project)
    git(dir, 'clone', '-q', '--bare', source, join(project, '.bare'))
    writeFileSync(join(project, '.git'), 'gitdir: ./.bare\n')
    expect(findMain(addWorktree(join(project, '.bare'), join(dir, 'two')))).toEqual(foundMain(project))
    git(dir, 'clone', '-q', '--bare', source, join(dir, 'other/.git'))
    expect(findMain(addWorktree(join(dir, 'other/.git'), join(dir, 'three')))).toEqual(foundMain(join(dir, 'other')))
  })

  it('is unknown if git does not know it: another git directory, moved, deleted', () => {
    const dir = newDir()
    const separate = newRepository(join(dir, 'separate'), '--separate-git-dir', join(dir, 'store'))
    expect(findMain(addWorktree(separate, join(dir, 'one')))).toMatchObject({ _tag: 'unknown' })
    const main = newRepository(join(dir, 'main'))
    const worktree = addWorktree(main, join(dir, 'two'))
    renameSync(main, join(dir, 'moved'))
    expect(findMain(worktree)).toMatchObject({ _tag: 'unknown' })
    git(join(dir, 'moved'), 'worktree', 'repair', worktree)
    expect(findMain(worktree)).toEqual(foundMain(join(dir, 'moved')))
  })
})

describe('a .git file from an untrusted source', () => {
  /** A directory with a `.git` file, and a repository with a worktree that the directory imitates. */
  const newUntrustedDir = (dotGit: (main: string) => string) => {
    const dir = newDir()
    const main = newRepository(join(dir, 'main'))
    addWorktree(main, join(dir, 'wt'))
    const foreign = join(dir, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, '.git'), dotGit(main))
    return { main, foreign }
  }

  it('leads nowhere if the repository does not name it back', () => {
    const { foreign } = newUntrustedDir(main => `gitdir: ${main}/.git/worktrees/wt\n`)
    expect(findMain(foreign)).toMatchObject({ _tag: 'unknown' })
  })

  it('leads nowhere through a fake git directory that names a repository', () => {
    const { main, foreign } = newUntrustedDir(() => 'gitdir: fake/worktrees/x\n')
    const fake = join(foreign, 'fake/worktrees/x')
    mkdirSync(fake, { recursive: true })
    writeFileSync(join(fake, 'gitdir'), join(foreign, '.git'))
    writeFileSync(join(fake, 'commondir'), join(main, '.git'))
    expect(findMain(foreign)).toMatchObject({ _tag: 'unknown' })
    // Its fake common directory may name a working tree that does not refer back to it.
    writeFileSync(join(fake, 'commondir'), '../..')
    writeFileSync(join(foreign, 'fake/config'), `[core]\n\tworktree = ${main}\n`)
    expect(findMain(foreign)).toMatchObject({ _tag: 'unknown' })
  })

  it('is not a checkout if it is huge, a named pipe, a cycle of links, binary, or has a NUL', () => {
    const dir = newDir()
    const dotGit = join(dir, '.git')
    const above = findCheckout(dir)
    const expectNone = (make: () => void): void => {
      make()
      expect(findCheckout(dir)).toEqual(above)
      rmSync(dotGit)
    }
    expectNone(() => {
      writeFileSync(dotGit, 'gitdir: x')
      truncateSync(dotGit, 2 ** 40)
    })
    expectNone(() => execFileSync('mkfifo', [dotGit]))
    expectNone(() => symlinkSync(dotGit, dotGit))
    expectNone(() => writeFileSync(dotGit, Buffer.from([0xff, 0xfe, 0x00, 0x80])))
    expectNone(() => writeFileSync(dotGit, 'gitdir: /a\0b\n'))
    expectNone(() => writeFileSync(dotGit, ''))
  })

  it('leads nowhere if it names itself, a path that is not UTF-8, or a missing one', () => {
    const dir = newDir()
    for (const named of ['.git', '.', 'worktrees/x', '../../../../..', '\xff\xfe'])
      for (const encoding of ['utf8', 'latin1'] as const) {
        writeFileSync(join(dir, '.git'), `gitdir: ${named}\n`, encoding)
        expect(findMain(dir)?._tag).not.toBe('found')
      }
  })
})
