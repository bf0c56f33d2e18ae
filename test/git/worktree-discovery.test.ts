import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { init, open } from '@claimlog/client'
import { parseOutput, claimlog, run } from '../support/claimlog-process.ts'
import { git } from '../support/git/git-repository.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'

/** The workspace directory that the command line finds in `cwd`, or its error code. */
const findWorkspace = async (cwd: string): Promise<string> => {
  const result = await claimlog(['doctor', '--json'], { cwd })
  const { dir, error } = parseOutput(result) as { readonly dir?: string; readonly error?: string }
  return dir ?? `${error}, exit ${result.status}`
}

const makeQueue = async (dir: string): Promise<string> => {
  const created = await claimlog(['init', dir], { cwd: '/' })
  expect({ made: created, created: parseOutput(created)['created'] }).toMatchObject({
    made: { status: 0 },
    created: true,
  })
  return dir
}

const makeDir = (...parts: readonly [string, ...Array<string>]): string => {
  const dir = join(...parts)
  mkdirSync(dir, { recursive: true })
  return dir
}

const noWorkspace = 'no_workspace, exit 2'

describe('in a linked worktree', () => {
  it('the main checkout’s workspace is found, from any directory, by commands, completion, the library and hooks', async () => {
    const { parentDir, main } = newMainCheckout()
    const dir = await makeQueue(join(main, '.claimlog'))
    const below = makeDir(addWorktree(main, join(parentDir, 'wt')), 'a/b')
    expect(await findWorkspace(below)).toBe(dir)
    const added = await claimlog(['add', 'docs', 't1'], { cwd: below })
    expect([added.status, parseOutput(added)['seq']]).toEqual([0, 2])
    expect((await claimlog(['__complete', 'zsh', 'show', ''], { cwd: below })).stdout).toContain('t1')
    expect((await claimlog(['prime', '--hook', 'claude-code'], { cwd: below })).stdout).toContain('docs')
    const script = "import { open } from 'claimlog'; const q = await open(); console.log(q.dir); await q.close()"
    const path = join(import.meta.dirname, '../node_modules/claimlog/dist/index.mjs')
    const program = script.replace('claimlog', path)
    const result = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: below })
    expect(result).toMatchObject({ stdout: `${dir}\n`, stderr: '' })
  })

  it('the workspace of this checkout wins, then the nearest of the main checkout, then one above it', async () => {
    const { parentDir, main } = newMainCheckout()
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    const inPackage = makeDir(worktree, 'packages/a')
    makeDir(main, 'packages/a')
    const stray = await makeQueue(join(parentDir, '.claimlog'))
    expect(await findWorkspace(inPackage)).toBe(stray)
    const mainQueue = await makeQueue(join(main, '.claimlog'))
    expect(await findWorkspace(inPackage)).toBe(mainQueue)
    const packageQueue = await makeQueue(join(main, 'packages/a/.claimlog'))
    expect(await findWorkspace(inPackage)).toBe(packageQueue)
    expect(await findWorkspace(worktree)).toBe(mainQueue)
    const own = await makeQueue(join(worktree, '.claimlog'))
    expect(await findWorkspace(inPackage)).toBe(own)
    const byVariable = await claimlog(['status', '--json'], { cwd: inPackage, env: { CLAIMLOG_DIR: stray } })
    expect(parseOutput(byVariable)).toMatchObject({ seq: 1 })
  })

  it('a workspace above the main checkout is found last, and a worktree inside the main checkout needs no link', async () => {
    const { parentDir, main } = newMainCheckout()
    const inside = addWorktree(main, join(main, '.worktrees/x'))
    const dir = await makeQueue(join(parentDir, '.claimlog'))
    expect(await findWorkspace(inside)).toBe(dir)
    const elsewhere = newMainCheckout()
    const far = addWorktree(main, join(elsewhere.parentDir, 'far'))
    expect(await findWorkspace(far)).toBe(dir)
  })

  it('a directory with only a .gitignore is not a workspace', async () => {
    const { parentDir, main } = newMainCheckout()
    makeDir(main, '.claimlog')
    writeFileSync(join(main, '.claimlog/.gitignore'), '*\n!.gitignore\n')
    git(main, 'add', '-A')
    git(main, 'commit', '-q', '-m', 'ignore')
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    expect(existsSync(join(worktree, '.claimlog/.gitignore'))).toBe(true)
    expect(await findWorkspace(worktree)).toBe(noWorkspace)
    const created = await claimlog(['init'], { cwd: worktree })
    expect(parseOutput(created)['dir']).toBe(join(main, '.claimlog'))
    expect(await findWorkspace(worktree)).toBe(join(main, '.claimlog'))
  })

  it('a submodule uses the queue of the main checkout too, and a separate repository inside it does not', async () => {
    const { parentDir, main } = newMainCheckout()
    const library = newMainCheckout().main
    git(main, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library, 'sub')
    git(main, 'commit', '-q', '-m', 'sub')
    const dir = await makeQueue(join(main, '.claimlog'))
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    git(worktree, '-c', 'protocol.file.allow=always', 'submodule', 'update', '-q', '--init')
    expect(await findWorkspace(join(worktree, 'sub'))).toBe(dir)
    const own = makeDir(worktree, 'vendored')
    git(own, 'init', '-q')
    expect(parseOutput(await claimlog(['init'], { cwd: own }))['dir']).toBe(join(own, '.claimlog'))
  })
})

describe('a linked worktree without a workspace', () => {
  it('suggests a command that shares the queue of the main checkout', async () => {
    const { parentDir, main } = newMainCheckout()
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    const refused = await claimlog(['claim', 'ann'], { cwd: worktree })
    expect(refused.status).toBe(2)
    const { error, message, hint } = parseOutput(refused) as Record<string, string>
    expect([error, message]).toMatchObject(['no_workspace', expect.stringContaining(main)])
    const [suggestion = ''] = /claimlog init \S+/.exec(hint ?? '') ?? []
    expect(suggestion).toBe(`claimlog init ${join(main, '.claimlog')}`)
    expect((await claimlog(suggestion.split(' ').slice(1), { cwd: worktree })).status).toBe(0)
    expect(await findWorkspace(worktree)).toBe(join(main, '.claimlog'))
  })

  it('creates the queue of the main checkout with init, and a separate one only if its path is given', async () => {
    const { parentDir, main } = newMainCheckout()
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    const created = await claimlog(['init'], { cwd: makeDir(worktree, 'a') })
    expect(parseOutput(created)).toMatchObject({ ok: true, dir: join(main, '.claimlog'), created: true })
    expect(created.stderr).toContain('main checkout')
    const again = await claimlog(['init'], { cwd: worktree })
    expect(parseOutput(again)).toMatchObject({ ok: true, dir: join(main, '.claimlog'), created: false })
    expect(existsSync(join(worktree, '.claimlog'))).toBe(false)
    const own = await claimlog(['init', '.claimlog'], { cwd: worktree })
    expect(parseOutput(own)).toMatchObject({ ok: true, dir: join(worktree, '.claimlog'), created: true })
    expect(own.stderr).toBe('')
  })

  it('creates the queue of the main checkout with the library too', async () => {
    const { parentDir, main } = newMainCheckout()
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    const before = process.cwd()
    process.chdir(worktree)
    try {
      expect(await open().catch((thrown: unknown) => thrown)).toMatchObject({
        error: 'no_workspace',
        hint: expect.stringContaining(`init({ dir: ${JSON.stringify(join(main, '.claimlog'))} })`) as unknown,
      })
      const queue = await init()
      expect(queue.dir).toBe(join(main, '.claimlog'))
      await queue.close()
    } finally {
      process.chdir(before)
    }
  })

  it('is refused by init if the main checkout was moved or deleted, and never has a separate queue', async () => {
    const { parentDir, main } = newMainCheckout()
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    renameSync(main, join(parentDir, 'moved'))
    for (const words of [['init'], ['claim', 'ann']]) {
      const refused = await claimlog(words, { cwd: worktree })
      expect([refused.status, parseOutput(refused)]).toMatchObject([
        2,
        { error: 'no_workspace', hint: expect.stringContaining('git worktree repair') as unknown },
      ])
      expect(parseOutput(refused)['hint']).not.toContain('claimlog init')
    }
    rmSync(join(parentDir, 'moved'), { recursive: true })
    expect((await claimlog(['init'], { cwd: worktree })).status).toBe(2)
    expect(existsSync(join(worktree, '.claimlog'))).toBe(false)
  })

  it('ignores the variables that git sets for its hooks', async () => {
    const { parentDir, main } = newMainCheckout()
    const other = newMainCheckout()
    const dir = await makeQueue(join(main, '.claimlog'))
    await makeQueue(join(other.main, '.claimlog'))
    const worktree = addWorktree(main, join(parentDir, 'wt'))
    const env = { GIT_DIR: join(other.main, '.git'), GIT_WORK_TREE: other.main }
    expect(parseOutput(await claimlog(['doctor', '--json'], { cwd: worktree, env }))['dir']).toBe(dir)
  })
})
