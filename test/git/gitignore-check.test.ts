import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { runDoctorChecks } from '../support/doctor-checks.ts'
import { git, newRepository, runShell } from '../support/git/git-repository.ts'
import { addWorktree, newMainCheckout } from '../support/git/linked-worktree.ts'

const initWithTask = async (root: string): Promise<CliWorkspace> => {
  const workspace = cliWorkspace(root)
  await workspace.runOk(['init', '.claimlog'])
  await workspace.runOk(['add', 'docs', 't'])
  return workspace
}

/** True if git ignores the log. */
const isIgnored = (root: string): boolean => {
  try {
    git(root, 'check-ignore', '-q', '.claimlog/events.jsonl')
    return true
  } catch {
    return false
  }
}

/** Writes files into a new repository with a workspace, and returns the git check of `doctor`. */
const runGitCheck = async (files: Readonly<Record<string, string>>) => {
  const root = newRepository()
  const workspace = await initWithTask(root)
  rmSync(join(workspace.dir, '.gitignore'))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  const { ok, checks } = await runDoctorChecks(workspace)
  expect(ok).toBe(true)
  return { root, workspace, check: checks['git'] ?? {} }
}

describe('a workspace in a git checkout', () => {
  const ownGitignore = '.claimlog/.gitignore'
  it.each<Readonly<Record<string, string>>>([
    {},
    { [ownGitignore]: '*\n' },
    { [ownGitignore]: '' },
    { [ownGitignore]: '*\n!events.jsonl\n' },
    { [ownGitignore]: '!*\n*\r\n' },
    { [ownGitignore]: '/events.*\n' },
    { [ownGitignore]: 'events.json\n' },
    { [ownGitignore]: '#*\n' },
    { [ownGitignore]: 'derived/\nqueue.json\n' },
    { [ownGitignore]: '*/\n' },
    { [ownGitignore]: '**\n' },
    { [ownGitignore]: 'event?.jsonl\n' },
    { '.gitignore': '.claimlog\n' },
    { '.gitignore': '/.claimlog/\n' },
    { '.gitignore': '**/.claimlog/**\n' },
    { '.gitignore': '.claimlog/events.jsonl\n' },
    { '.gitignore': 'claimlog/\n' },
    { '.gitignore': '.claimlog/\n', [ownGitignore]: '!events.jsonl\n' },
    { '.gitignore': '*.jsonl\n', [ownGitignore]: '!events.jsonl\n' },
    { '.gitignore': '*\n!.claimlog\n' },
    { '.git/info/exclude': '.claimlog/\n' },
  ])('has a warning from doctor exactly if git does not ignore the log: %j', async files => {
    const { root, workspace, check } = await runGitCheck(files)
    expect({ files, state: check['state'] }).toEqual({ files, state: isIgnored(root) ? 'ok' : 'warning' })
    if (check['state'] === 'ok') return
    expect(check['gitignore']).toBe(ownGitignore in files ? 'ineffective' : 'missing')
    runShell(root, String(check['mend']))
    expect(isIgnored(root)).toBe(true)
    expect((await runDoctorChecks(workspace)).checks['git']).toMatchObject({ state: 'ok' })
  })

  it('has a warning if its .gitignore is a symbolic link, which git does not follow', async () => {
    const { root, workspace } = await runGitCheck({ ignored: '*\n' })
    symlinkSync('../ignored', join(workspace.dir, '.gitignore'))
    expect(isIgnored(root)).toBe(false)
    expect((await runDoctorChecks(workspace)).checks['git']).toMatchObject({
      state: 'warning',
      gitignore: 'ineffective',
      mend: expect.stringMatching(/^remove the link, then printf /) as unknown,
    })
  })
})

describe('a linked worktree with a separate queue', () => {
  it('is reported in the main checkout, and the other way round, until one is deleted', async () => {
    const { main, parentDir } = newMainCheckout()
    const there = addWorktree(main, join(parentDir, 'wt'))
    const [mainQueue, worktreeQueue] = [await initWithTask(main), await initWithTask(there)]
    for (const [workspace, other] of [
      [mainQueue, worktreeQueue],
      [worktreeQueue, mainQueue],
    ] as const) {
      const { ok, checks } = await runDoctorChecks(workspace)
      expect(ok).toBe(true)
      expect(checks['copies']).toMatchObject({ state: 'warning', other_queues: [other.dir] })
      expect(checks['copies']).not.toHaveProperty('copies')
    }
    await worktreeQueue.runOk(['add', 'docs', 'only-there'])
    await worktreeQueue.runOk(['cancel', 't'])
    const [, command = ''] =
      /(claimlog import .*?) imports/.exec(String((await runDoctorChecks(worktreeQueue)).checks['copies']?.['mend'])) ??
      []
    runShell(there, command)
    expect(await mainQueue.runOk(['show', 'only-there', '--json'])).toMatchObject({
      task: { status: 'ready' },
    })
    rmSync(worktreeQueue.dir, { recursive: true })
    expect((await runDoctorChecks(mainQueue)).checks['copies']).toMatchObject({ state: 'ok' })
  })

  it('is reported if its queue is in a subdirectory, and a queue with another name is not reported', async () => {
    const { main, parentDir } = newMainCheckout()
    const there = addWorktree(main, join(parentDir, 'wt'))
    mkdirSync(join(there, 'packages/a'), { recursive: true })
    const [mainQueue, worktreeQueue] = [await initWithTask(main), await initWithTask(join(there, 'packages/a'))]
    expect((await runDoctorChecks(worktreeQueue)).checks['copies']).toMatchObject({ other_queues: [mainQueue.dir] })
    await mainQueue.runOk(['init', join(there, 'queue')])
    expect((await runDoctorChecks(mainQueue)).checks['copies']).toMatchObject({ state: 'ok' })
    const elsewhere = cliWorkspace(join(parentDir, 'other'))
    mkdirSync(elsewhere.cwd)
    await elsewhere.runOk(['init'])
    expect((await runDoctorChecks(elsewhere)).checks['copies']).toMatchObject({ state: 'ok' })
  })
})
