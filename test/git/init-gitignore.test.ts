import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { init } from '@claimlog/client'
import { parseOutput, claimlog } from '../support/claimlog-process.ts'
import { git, newRepository } from '../support/git/git-repository.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'

const readGitignore = (dir: string): string => readFileSync(join(dir, '.gitignore'), 'utf8')

const readLog = (dir: string): string => readFileSync(join(dir, 'events.jsonl'), 'utf8')

describe('init', () => {
  it('makes git ignore a workspace’s directory: .claimlog, a new one, an empty one, and with the library too', async () => {
    const root = newRepository()
    mkdirSync(join(root, 'empty'))
    for (const dir of ['.claimlog', 'made/queue', 'empty']) {
      expect(await claimlog(['init', dir], { cwd: root })).toMatchObject({ status: 0, stderr: '' })
      expect(readGitignore(join(root, dir))).toBe('*\n')
    }
    const queue = await init({ dir: join(root, 'library') })
    await queue.close()
    expect(readGitignore(join(root, 'library'))).toBe('*\n')
    expect(git(root, 'status', '--porcelain', '--untracked-files=all')).toBe('')
  })

  it('makes git ignore no other files', async () => {
    const root = newRepository()
    for (const name of ['queue.ts', 'events.ts', 'README.md']) writeFileSync(join(root, name), '')
    expect(await claimlog(['init', '.'], { cwd: root })).toMatchObject({ status: 0, stderr: '' })
    await claimlog(['add', 'docs', 't'], { cwd: root })
    const untracked = git(root, 'status', '--porcelain', '--untracked-files=all').trim().split('\n')
    expect(untracked.map(line => line.slice(3))).toEqual(['README.md', 'events.ts', 'queue.ts'])
  })

  it('writes no .gitignore next to other files outside of a repository', async () => {
    const { parentDir } = newMainCheckout()
    writeFileSync(join(parentDir, 'data.csv'), '')
    expect(await claimlog(['init', '.'], { cwd: parentDir })).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(join(parentDir, '.gitignore'))).toBe(false)
  })

  it('leaves an existing .gitignore unchanged, and lists the missing lines', async () => {
    const root = newRepository()
    writeFileSync(join(root, '.gitignore'), 'node_modules\n')
    const created = await claimlog(['init', '.'], { cwd: root })
    expect(created.status).toBe(0)
    expect(readGitignore(root)).toBe('node_modules\n')
    const missing = [...created.stderr.matchAll(/^ {4}(\S+)$/gm)].map(([, line]) => line)
    expect(missing).toContain('/derived/')
    writeFileSync(join(root, '.gitignore'), ['node_modules', ...missing, ''].join('\n'))
    expect(await claimlog(['init', '.'], { cwd: root })).toMatchObject({ status: 0, stderr: '' })
    expect(git(root, 'status', '--porcelain', '--untracked-files=all')).toBe('?? .gitignore\n')
  })

  it('adds it to a workspace without one, and changes nothing else', async () => {
    const root = newRepository()
    for (const dir of ['.claimlog', 'queue']) {
      await claimlog(['init', dir], { cwd: root })
      rmSync(join(root, dir, '.gitignore'))
      const added = await claimlog(['add', 'docs', 't', '--dir', dir], { cwd: root })
      expect(added).toMatchObject({ status: 0, stderr: '' })
      const before = readLog(join(root, dir))
      expect(parseOutput(await claimlog(['init', dir], { cwd: root }))).toMatchObject({ created: false })
      expect(readGitignore(join(root, dir))).toBe('*\n')
      expect(readLog(join(root, dir))).toBe(before)
    }
  })

  it('does not follow a link at its path', async () => {
    const root = newRepository()
    const outside = join(newRepository(), 'outside')
    mkdirSync(join(root, '.claimlog'))
    symlinkSync(outside, join(root, '.claimlog/.gitignore'))
    expect((await claimlog(['init'], { cwd: root })).status).toBe(0)
    expect(existsSync(outside)).toBe(false)
    expect(lstatSync(join(root, '.claimlog/.gitignore')).isSymbolicLink()).toBe(true)
  })
})

describe('git', () => {
  it('leaves a queue among other files alone, no matter how often it cleans and stashes, and can commit its .gitignore', async () => {
    const { main } = newMainCheckout()
    const file = join(main, 'a.txt')
    writeFileSync(file, 'a')
    git(main, 'add', '-A')
    git(main, 'commit', '-q', '-m', 'a')
    await claimlog(['init', '.'], { cwd: main })
    await claimlog(['add', 'docs', 't'], { cwd: main })
    const before = readLog(main)
    for (const step of ['stash -u -q', 'clean -fdq', 'stash -u -q', 'clean -fdq', 'add -A']) {
      writeFileSync(file, step)
      git(main, ...step.split(' '))
      expect({ step, log: readLog(main) }).toEqual({ step, log: before })
    }
    git(main, 'add', '-f', '.gitignore')
    git(main, 'commit', '-q', '-m', 'b')
    expect(git(main, 'ls-files')).toBe('.gitignore\na.txt\n')
    writeFileSync(join(main, '.gitignore'), `${readGitignore(main)}node_modules\n`)
    expect(git(main, 'status', '--porcelain')).toBe(' M .gitignore\n')
  })

  it('leaves the queue alone in every operation on the checkout', async () => {
    const { parentDir, main } = newMainCheckout()
    await claimlog(['init'], { cwd: main })
    await claimlog(['add', 'docs', 't'], { cwd: main })
    writeFileSync(join(main, 'a.txt'), 'a')
    const before = readLog(join(main, '.claimlog'))
    const steps: ReadonlyArray<ReadonlyArray<string>> = [
      ['add', '-A'],
      ['commit', '-q', '-m', 'a'],
      ['checkout', '-q', '-b', 'side'],
      ['checkout', '-q', 'main'],
      ['stash', '-u', '-q'],
      ['clean', '-fdq'],
      ['reset', '-q', '--hard'],
      ['merge', '-q', 'side'],
      ['switch', '-q', '--orphan', 'empty'],
      ['checkout', '-q', 'main'],
    ]
    for (const step of steps) {
      git(main, ...step)
      expect({ step, log: readLog(join(main, '.claimlog')) }).toEqual({ step, log: before })
    }
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    await claimlog(['claim', 'ann', 'docs'], { cwd: worktree })
    writeFileSync(join(worktree, 'b.txt'), 'b')
    git(worktree, 'stash', '-u', '-q')
    git(worktree, 'clean', '-fdxq')
    git(main, 'worktree', 'remove', '--force', worktree)
    expect(git(main, 'ls-files')).toBe('a.txt\n')
    expect(parseOutput(await claimlog(['complete', 'ann', 't'], { cwd: main }))).toMatchObject({ ok: true, seq: 4 })
  })
})
