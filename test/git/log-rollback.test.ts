import { copyFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClaimlogError, open } from '@claimlog/client'
import { describe, expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { runDoctorChecks } from '../support/doctor-checks.ts'
import { git, newRepository } from '../support/git/git-repository.ts'

const logPath = ({ dir }: CliWorkspace): string => join(dir, 'events.jsonl')

/** A workspace whose log was restored from seq 3 to seq 2 after ann's claim was acknowledged. */
const rewoundWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'one'])
  copyFileSync(logPath(workspace), join(workspace.cwd, 'backup'))
  await workspace.runOk(['claim', 'ann'])
  copyFileSync(logPath(workspace), join(workspace.cwd, 'newer'))
  copyFileSync(join(workspace.cwd, 'backup'), logPath(workspace))
  return workspace
}

const rollbackWarning =
  /^claimlog: \.claimlog\/events\.jsonl ends at seq 2, and queue\.json was written from it at seq 3: the log was restored/

describe('a log that was restored to an earlier state', () => {
  test.each([
    ['a command that reads', ['list']],
    ['replay', ['replay']],
    ['a command that writes', ['note', 'one', 'x']],
  ])('is reported by %s, once, and the newer queue.json is kept', async (_, words) => {
    const workspace = await rewoundWorkspace()
    const newer = workspace.readText('queue.json')
    const result = await workspace.run(words)
    expect(result.status).toBe(0)
    expect(result.stderr).toContain('restored')
    expect(result.stderr).not.toContain('edited by hand')
    expect(result.stderr).toContain('claimlog reconcile')
    expect(workspace.readText('queue.ahead.json')).toBe(newer)
    expect((await workspace.run(words)).stderr).toBe('')
  })

  test('is reported if the whole directory was copied without its times, or only queue.json is newer', async () => {
    const workspace = await rewoundWorkspace()
    rmSync(join(workspace.dir, 'derived'), { recursive: true })
    const result = await workspace.run(['list'])
    expect(result.stderr).toMatch(rollbackWarning)
    expect(workspace.readText('queue.ahead.json')).toContain('"seq": 3')
  })

  test('is reported by verify and doctor, which change nothing', async () => {
    const workspace = await rewoundWorkspace()
    const files = readdirSync(workspace.dir)
    const verified = await workspace.run(['verify'])
    expect(verified.status).toBe(0)
    expect(verified.stderr).toMatch(rollbackWarning)
    const { checks } = await runDoctorChecks(workspace)
    expect(checks['projection']).toMatchObject({ state: 'warning' })
    expect(checks['projection']?.['message']).toContain('restored to an earlier state')
    expect(readdirSync(workspace.dir)).toEqual(files)
  })

  test('and then reached the same seq is reported too, and queue.json matches the log', async () => {
    const workspace = await rewoundWorkspace()
    const claimed = await workspace.run(['claim', 'bob'])
    expect(claimed.stderr).toContain('no longer contains the history')
    expect(workspace.readText('queue.json')).toContain('"worker": "bob"')
    expect(workspace.readText('queue.ahead.json')).toContain('"worker": "ann"')
    expect(await workspace.runOk(['replay', '--check', '--json'])).toMatchObject({ ok: true })
  })

  test('is complete again after the newer log is reconciled, with the same tokens', async () => {
    const workspace = await rewoundWorkspace()
    await workspace.run(['list'])
    expect((await workspace.run(['reconcile', 'newer', '--yes'])).status).toBe(0)
    expect(workspace.readText('events.jsonl')).toBe(readFileSync(join(workspace.cwd, 'newer'), 'utf8'))
    await workspace.runOk(['complete', 'ann', 'one', '--token', '3'])
  })

  test('keeps each newer queue.json, no matter how often it happens', async () => {
    const workspace = await rewoundWorkspace()
    for (const worker of ['bob', 'cy']) {
      await workspace.run(['list'])
      await workspace.runOk(['claim', worker])
      copyFileSync(join(workspace.cwd, 'backup'), logPath(workspace))
    }
    await workspace.run(['list'])
    const keptFiles = readdirSync(workspace.dir).filter(name => name.startsWith('queue.ahead'))
    expect(
      keptFiles.map(name => /"worker": "(\w+)"/.exec(readFileSync(join(workspace.dir, name), 'utf8'))?.[1]).sort(),
    ).toEqual(['ann', 'bob', 'cy'])
  })

  test('by git stash is reported by the next command', async () => {
    const workspace = cliWorkspace(newRepository())
    await workspace.runOk(['init'])
    await workspace.runOk(['add', 'docs', 'one'])
    git(workspace.cwd, 'add', '-f', '.claimlog/events.jsonl')
    git(workspace.cwd, 'commit', '-q', '-m', 'x')
    await workspace.run(['claim', 'ann'])
    git(workspace.cwd, 'stash')
    expect((await workspace.run(['list'])).stderr).toMatch(rollbackWarning)
  })

  test('while a process has it open causes one error in that process, and nothing is written', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'one'])
    const backup = workspace.readText('events.jsonl')
    await using queue = await open({ dir: workspace.dir })
    await queue.claim({ worker: 'ann' })
    writeFileSync(logPath(workspace), backup)
    const refused: unknown = await queue.complete({ worker: 'ann', taskId: 'one' }).catch((thrown: unknown) => thrown)
    expect(ClaimlogError.is(refused, 'history_changed')).toBe(true)
    expect(workspace.readText('events.jsonl')).toBe(backup)
  })
})

test('the log of another workspace at the path of this one is reported', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'one'])
  const other = await newWorkspace()
  copyFileSync(logPath(other), logPath(workspace))
  expect((await workspace.run(['verify'])).stderr).toContain('a different workspace')
  expect((await workspace.run(['add', 'docs', 'two'])).stderr).toContain('a different workspace')
})

test('an edit by hand is still reported as one', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'one'])
  writeFileSync(join(workspace.dir, 'queue.json'), workspace.readText('queue.json').replace('ready', 'done'))
  expect((await workspace.run(['list'])).stderr).toContain('was edited by hand')
  expect(workspace.readText('queue.edited.json')).toContain('"done"')
})

describe.each([
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['cut off within its first line', (path: string) => truncateSync(path, 50)],
])('a log that was %s', (_, shorten) => {
  test('is reported as such by every command, no hint suggests init, and nothing is changed', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'one'])
    shorten(logPath(workspace))
    const files = readdirSync(workspace.dir).map(name => [
      name,
      name === 'derived' ? '' : readFileSync(join(workspace.dir, name), 'utf8'),
    ])
    for (const words of [
      ['add', 'docs'],
      ['claim', 'ann'],
      ['list', '--json'],
      ['status', '--json'],
      ['trace', 'one', '--json'],
      ['verify', '--json'],
      ['replay', '--json'],
      ['repair', '--yes', '--json'],
      ['diff', '1', '--json'],
      ['export', 'log'],
      ['init'],
      ['init', '.claimlog'],
    ]) {
      const result = await workspace.run(words)
      const text = result.stdout + result.stderr
      expect({
        words,
        status: result.status,
        isReported: text.includes('was emptied or deleted'),
        suggestsInit: text.includes('claimlog init'),
      }).toEqual({
        ...{ words, status: 7, isReported: true, suggestsInit: false },
      })
    }
    expect((await runDoctorChecks(workspace)).checks['log']).toMatchObject({ state: 'wrong', cause: 'emptied' })
    expect(
      readdirSync(workspace.dir).map(name => [
        name,
        name === 'derived' ? '' : readFileSync(join(workspace.dir, name), 'utf8'),
      ]),
    ).toEqual(files)
    const refused: unknown = await open({ dir: workspace.dir }).catch((thrown: unknown) => thrown)
    expect(ClaimlogError.is(refused, 'log_damaged')).toBe(true)
  })
})

test('a log that was deleted next to its queue.json is not recreated', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'one'])
  rmSync(logPath(workspace))
  for (const words of [['add', 'docs', '--dir', '.claimlog'], ['init']]) {
    const result = await workspace.run(words)
    expect({ status: result.status, ...parseOutput(result) }).toMatchObject({ status: 7, cause: 'emptied' })
    expect(parseOutput(result)['hint']).not.toContain('init')
  }
  expect(readdirSync(workspace.dir)).not.toContain('events.jsonl')
})
