import { readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { runDoctorChecks } from '../support/doctor-checks.ts'
import { git, newRepository } from '../support/git/git-repository.ts'

/** Runs commands that may warn that git tracks the log. */
const runAll = async (workspace: CliWorkspace, ...commands: ReadonlyArray<ReadonlyArray<string>>): Promise<void> => {
  for (const words of commands) expect({ words, ...(await workspace.run(words)) }).toMatchObject({ words, status: 0 })
}

/** Two branches with a tracked log that diverged: `main` has the events of ann, `feature` those of bob. */
const forkedWorkspace = async (): Promise<CliWorkspace> => {
  const root = newRepository()
  const workspace = cliWorkspace(root)
  await runAll(workspace, ['init'], ['add', 'docs', 't1'], ['add', 'docs', 't2'])
  git(root, 'add', '-A', '-f')
  git(root, 'commit', '-q', '-m', 'start')
  git(root, 'checkout', '-q', '-b', 'feature')
  await runAll(workspace, ['claim', 'bob', '--task', 't2'], ['complete', 'bob', 't2', '--result', '{"by":"bob"}'])
  await runAll(workspace, ['add', 'docs', 't3'])
  git(root, 'commit', '-q', '-a', '-m', 'feature')
  git(root, 'checkout', '-q', 'main')
  await runAll(workspace, ['claim', 'ann', '--task', 't1'], ['complete', 'ann', 't1'])
  git(root, 'commit', '-q', '-a', '-m', 'main')
  return workspace
}

const logText = ({ dir }: CliWorkspace, name = 'events.jsonl'): string => readFileSync(join(dir, name), 'utf8')

const mergeCases: ReadonlyArray<readonly [string, string, (root: string) => void]> = [
  ['with conflict markers', 'conflict_markers', root => expect(() => git(root, 'merge', 'feature')).toThrow()],
  [
    'with the markers of diff3',
    'conflict_markers',
    root => expect(() => git(root, '-c', 'merge.conflictStyle=diff3', 'merge', 'feature')).toThrow(),
  ],
  ['with markers from a rebase', 'conflict_markers', root => expect(() => git(root, 'rebase', 'feature')).toThrow()],
  [
    'with markers from a stash pop',
    'conflict_markers',
    root => {
      const log = readFileSync(join(root, '.claimlog/events.jsonl'))
      git(root, 'reset', '-q', '--hard', 'HEAD~1')
      writeFileSync(join(root, '.claimlog/events.jsonl'), log)
      git(root, 'stash')
      git(root, 'checkout', '-q', 'feature')
      expect(() => git(root, 'stash', 'pop')).toThrow()
    },
  ],
  [
    'without markers, by the union driver',
    'merged_histories',
    root => {
      writeFileSync(join(root, '.git/info/attributes'), '.claimlog/** merge=union\n')
      git(root, 'merge', '-q', 'feature')
    },
  ],
]

describe.each(mergeCases)('a log that git merged %s', (_, cause, merge) => {
  test('is reported as merged by every command and by doctor, and nothing is changed', async () => {
    const workspace = await forkedWorkspace()
    merge(workspace.cwd)
    const before = logText(workspace)
    for (const words of [
      ['claim', 'eve'],
      ['list', '--json'],
      ['verify', '--json'],
    ]) {
      const result = await workspace.run(words)
      expect({ status: result.status, ...parseOutput(result) }).toMatchObject({
        status: 7,
        error: 'log_damaged',
        cause,
      })
      expect(parseOutput(result)['message']).toContain('two copies of this log diverged')
      expect(parseOutput(result)['hint']).toContain('claimlog repair')
    }
    const { checks } = await runDoctorChecks(workspace)
    expect(checks['chain']).toMatchObject({ state: 'wrong', cause })
    expect(logText(workspace)).toBe(before)
  })

  test('is not truncated by a repair, which continues with the chosen side and keeps every byte', async () => {
    const workspace = await forkedWorkspace()
    const oursText = logText(workspace)
    const theirsText = git(workspace.cwd, 'show', 'feature:.claimlog/events.jsonl')
    merge(workspace.cwd)
    const merged = logText(workspace)
    const files = readdirSync(workspace.dir)
    const plan = parseOutput(await workspace.run(['repair', '--json']))
    expect(plan).toMatchObject({ repaired: false, common_seq: 3, stray_lines: 0, sides: [{ side: 1 }, { side: 2 }] })
    expect(await workspace.run(['repair', '--yes'])).toMatchObject({ status: 2 })
    expect(await workspace.run(['repair', '--yes', '--keep', '3'])).toMatchObject({ status: 2 })
    expect(readdirSync(workspace.dir)).toEqual(files)
    expect(logText(workspace)).toBe(merged)

    const done = parseOutput(await workspace.run(['repair', '--keep', '2', '--yes', '--json']))
    expect(done).toMatchObject({ repaired: true, kept_side: 2 })
    const sides = ['events.side-1.jsonl', 'events.side-2.jsonl'].map(name => logText(workspace, name))
    expect([...sides].sort()).toEqual([oursText, theirsText].sort())
    expect(logText(workspace).startsWith(sides[1] as string)).toBe(true)
    // No token of either side is granted again.
    expect(Number(done['seq'])).toBeGreaterThanOrEqual(6)
    const common = oursText.split('\n').slice(0, 3).join('\n').length + 1
    expect(merged.slice(0, common) + logText(workspace, 'events.quarantine.1')).toBe(merged)
    expect((await workspace.run(['verify'])).status).toBe(0)
  })
})

test('a log with line endings changed by git is repaired with every event', async () => {
  const root = newRepository()
  const workspace = cliWorkspace(root)
  await runAll(workspace, ['init'], ['add', 'docs', 'é'])
  const log = logText(workspace)
  git(root, 'add', '-A', '-f')
  git(root, 'commit', '-q', '-m', 'start')
  git(root, 'rm', '-q', '-r', '--cached', '.')
  git(root, '-c', 'core.autocrlf=true', 'reset', '-q', '--hard')
  expect(logText(workspace)).toContain('\r\n')
  expect(parseOutput(await workspace.run(['claim', 'ann']))).toMatchObject({
    error: 'log_damaged',
    cause: 'line_endings',
  })
  expect(parseOutput(await workspace.run(['repair', '--yes', '--json']))).toMatchObject({ repaired: true })
  expect(logText(workspace).startsWith(log)).toBe(true)
  await runAll(workspace, ['claim', 'ann'])
})

test.each([
  [
    'git LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n',
  ],
  [
    'git-annex',
    '/annex/objects/SHA256E-s123--4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393.jsonl\n',
  ],
])('a %s pointer instead of the log is reported as such, and is not repaired', async (name, text) => {
  const workspace = cliWorkspace(newRepository())
  await runAll(workspace, ['init'])
  writeFileSync(join(workspace.dir, 'events.jsonl'), text)
  for (const words of [
    ['claim', 'ann'],
    ['repair', '--yes', '--json'],
  ]) {
    const refused = parseOutput(await workspace.run(words))
    expect(refused).toMatchObject({ error: 'log_damaged', cause: 'pointer' })
    expect(refused['message']).toContain(name)
  }
  expect(logText(workspace)).toBe(text)
})

test.each([
  [
    'git-annex',
    '../.git/annex/objects/2j/Xp/SHA256E-s9--4d7a.jsonl/SHA256E-s9--4d7a.jsonl',
    /git annex unlock \S+events\.jsonl/,
  ],
  ['DVC', '../.dvc/cache/files/md5/4d/7a214614ab2935c943f9e0ff69d22e', /dvc unprotect \S+events\.jsonl/],
  ['DVC', '/mnt/dvc-store/files/md5/4d/7a214614ab2935c943f9e0ff69d22e', /dvc unprotect \S+events\.jsonl/],
])(
  'a %s link instead of the log, to %s, is reported with a command that restores the file',
  async (name, target, hint) => {
    const workspace = cliWorkspace(newRepository())
    await runAll(workspace, ['init'])
    const path = join(workspace.dir, 'events.jsonl')
    rmSync(path)
    symlinkSync(target, path)
    for (const words of [['claim', 'ann'], ['list', '--json'], ['init']]) {
      const refused = parseOutput(await workspace.run(words))
      expect(refused).toMatchObject({ error: 'io_failed', code: 'ELOOP' })
      expect(refused['message']).toContain(`a symbolic link to ${target}`)
      expect(refused['hint']).toContain(name)
      expect(refused['hint']).toMatch(hint)
    }
    const { checks } = await runDoctorChecks(workspace)
    expect(checks['log']).toMatchObject({ state: 'wrong', mend: expect.stringMatching(hint) as unknown })
    expect(readlinkSync(path)).toBe(target)
  },
)

test('a DVC pointer without the log is reported as such, and no queue is created next to it', async () => {
  const workspace = cliWorkspace(newRepository())
  await runAll(workspace, ['init'])
  rmSync(join(workspace.dir, 'events.jsonl'))
  writeFileSync(
    join(workspace.dir, 'events.jsonl.dvc'),
    'outs:\n- md5: 4d7a214614ab2935c943f9e0ff69d22e\n  path: events.jsonl\n',
  )
  for (const words of [['claim', 'ann'], ['list', '--json'], ['init'], ['list', '--json', '--dir', workspace.dir]]) {
    const refused = parseOutput(await workspace.run(words))
    expect({ words, ...refused }).toMatchObject({ words, error: 'no_workspace' })
    expect(refused['hint']).toMatch(/^dvc pull \S+\.claimlog\/events\.jsonl\.dvc fetches it/)
  }
})
