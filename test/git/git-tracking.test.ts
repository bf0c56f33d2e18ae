import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { open } from '@claimlog/client'
import { parseOutput, type ProcessResult, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { runDoctorChecks } from '../support/doctor-checks.ts'
import { findCommands, git, newRepository, runShell } from '../support/git/git-repository.ts'

/** A repository in which git tracks the queue, with one task. */
const trackedWorkspace = async (root = newRepository()): Promise<CliWorkspace> => {
  const workspace = cliWorkspace(root)
  await workspace.runOk(['init'])
  await workspace.runOk(['add', 'docs', 't1'])
  git(root, 'add', '-A', '-f')
  git(root, 'commit', '-q', '-m', 'x')
  return workspace
}

const warning = /^claimlog: git tracks \.claimlog\/events\.jsonl: /m

const warnings = ({ stderr }: ProcessResult): number => stderr.match(new RegExp(warning, 'gm'))?.length ?? 0

describe('a log that git tracks', () => {
  test('causes one warning per command that writes, and none for commands that read', async () => {
    const workspace = await trackedWorkspace()
    for (const words of [
      ['add', 'docs', 't2'],
      ['claim', 'ann'],
      ['note', 't1', 'a note'],
      ['complete', 'ann', 't1'],
      ['work', 'bob', 'docs', '--until-empty', '--', 'true'],
      ['pause', 'docs'],
    ])
      expect({ words, warnings: warnings(await workspace.run(words)) }).toEqual({ words, warnings: 1 })
    for (const words of [['list'], ['status'], ['trace', 't1'], ['verify'], ['tail']])
      expect({ words, warnings: warnings(await workspace.run(words)) }).toEqual({ words, warnings: 0 })
  })

  test('is no longer tracked after the printed commands, and survives stash, clean and checkout', async () => {
    const workspace = await trackedWorkspace()
    const { cwd } = workspace
    const claimed = await workspace.run(['claim', 'ann'])
    for (const command of findCommands(claimed.stderr)) runShell(cwd, command)
    git(cwd, 'commit', '-q', '-m', 'do not track the queue')
    const log = workspace.readText('events.jsonl')
    writeFileSync(join(cwd, 'file'), 'x')
    git(cwd, 'stash', '-u')
    git(cwd, 'clean', '-fd')
    git(cwd, 'checkout', '-q', '-b', 'other')
    expect(workspace.readText('events.jsonl')).toBe(log)
    expect(git(cwd, 'status', '--porcelain')).toBe('')
    expect(await workspace.runOk(['complete', 'ann', 't1'])).toMatchObject({ ok: true })
    expect((await runDoctorChecks(workspace)).checks['git']).toMatchObject({ state: 'ok' })
  })

  test('is a warning in doctor, with commands that remove it from git', async () => {
    const workspace = await trackedWorkspace()
    const { ok, checks } = await runDoctorChecks(workspace)
    expect({ ok, state: checks['git']?.['state'] }).toEqual({ ok: true, state: 'warning' })
    const [, command = ''] = /^remove it from git: (.*); commit/.exec(checks['git']?.['mend'] as string) ?? []
    runShell(workspace.cwd, command)
    expect((await runDoctorChecks(workspace)).checks['git']).toMatchObject({ state: 'ok' })
  })

  test('causes a warning if the workspace is the top directory of the repository, and only the log is removed from git', async () => {
    const root = newRepository()
    const workspace = cliWorkspace(root)
    expect((await workspace.run(['init', '.'])).status).toBe(0)
    for (const name of ['README', 'queue.ts', 'events.ts']) writeFileSync(join(root, name), 'x')
    // Without a newline at its end.
    writeFileSync(join(root, '.gitignore'), 'node_modules')
    git(root, 'add', '-A', '-f')
    git(root, 'commit', '-q', '-m', 'x')
    const added = await workspace.run(['add', 'docs', 't1', '--dir', '.'])
    expect(added.stderr).toMatch(/^claimlog: git tracks events\.jsonl: /)
    for (const command of findCommands(added.stderr)) runShell(root, command)
    expect(git(root, 'ls-files').trim().split('\n')).toEqual(['.gitignore', 'README', 'events.ts', 'queue.ts'])
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toMatch(/^node_modules\n/)
    const after = await workspace.run(['add', 'docs', 't2', '--dir', '.'])
    expect({ stderr: after.stderr, ...parseOutput(after) }).toMatchObject({ stderr: '', ok: true })
    git(root, 'commit', '-q', '-m', 'x')
    expect(git(root, 'status', '--porcelain')).toBe(' M .gitignore\n')
  })

  test('causes one notice in a program that has the queue open', async () => {
    const { dir, cwd } = await trackedWorkspace()
    const notices: Array<unknown> = []
    const queue = await open({ dir, onNotice: notice => notices.push(notice) })
    await queue.status()
    expect(notices).toEqual([])
    await queue.claim({ worker: 'ann' })
    await queue.complete({ worker: 'ann', taskId: 't1' })
    await queue.close()
    expect(notices).toEqual([
      { notice: 'LogTracked', path: join(dir, 'events.jsonl'), checkout: cwd, folder: '.claimlog' },
    ])
  })
})

test('a log that git does not track, or outside of git, causes no warning', async () => {
  for (const root of [newRepository(), temporaryDirectory()]) {
    const workspace = cliWorkspace(root)
    expect(await workspace.run(['init'])).toMatchObject({ status: 0, stderr: '' })
    expect(await workspace.run(['add', 'docs'])).toMatchObject({ status: 0, stderr: '' })
  }
})
