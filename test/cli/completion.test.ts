import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claimlogPath, type ProcessResult, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { chainHash } from '../support/log/log-chain.ts'
import { newLongLog } from '../support/long-log.ts'

/** Runs the hidden command that the shell scripts call. */
const runComplete = (
  cwd: string,
  words: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> => run(process.execPath, [claimlogPath, '__complete', ...words], { cwd, env })

/** The completions of the last of `words`; the first line is their type. */
const listCompletions = async (
  { cwd }: { readonly cwd: string },
  words: ReadonlyArray<string>,
  env?: Readonly<Record<string, string>>,
): Promise<ReadonlyArray<string>> => {
  const { status, stdout, stderr } = await runComplete(cwd, ['zsh', ...words], env)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split('\n').flatMap(line => (line === '' ? [] : (line.split('\t')[0] ?? '')))
}

/** A queue with tasks in every state. */
const workspaceInAllStates = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const tasks = [
    { kind: 'docs', task_id: 'read', title: 'Read\tthe docs' },
    { kind: 'docs', task_id: 'write', needs: ['read'] },
    { kind: 'ci', task_id: 'unit' },
    { kind: 'ci', task_id: 'lint' },
    { kind: 'late', task_id: 'report' },
    { kind: 'done', task_id: 'old' },
  ]
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  await workspace.runOk(['hold', 'lint'])
  await workspace.runOk(['claim', 'ann', '--task', 'read'])
  await workspace.runOk(['claim', 'bob', '--task', 'unit'])
  await workspace.runOk(['claim', 'cy', '--task', 'old'])
  await workspace.runOk(['complete', 'cy', 'old'])
  await workspace.runOk(['pause', 'late'])
  return workspace
}

describe('completions', () => {
  it('are the tasks that the command applies to, and all tasks if there is none of these', async () => {
    const workspace = await workspaceInAllStates()
    for (const [words, candidates] of [
      [['complete', 'ann', ''], ['read']],
      [['fail', 'bob', ''], ['unit']],
      [['unhold', ''], ['lint']],
      [
        ['unhold', 'r'],
        ['read', 'report'],
      ],
      [['retry', ''], ['old']],
      [
        ['cancel', ''],
        ['read', 'write', 'unit', 'lint', 'report'],
      ],
      [['claim', 'dan', '--task', ''], ['report']],
      [['claim', 'dan', '--task=r'], ['--task=report']],
      [
        ['show', ''],
        ['read', 'write', 'unit', 'lint', 'report', 'old'],
      ],
      [['show', 'wr'], ['write']],
      [['show', 'no'], []],
      [['amend', 'write', '--needs', 'read,l'], ['read,lint']],
      [['wait', 'read', 'un'], ['unit']],
    ] as const)
      expect({ words, completions: await listCompletions(workspace, words) }).toEqual({
        words,
        completions: ['words', ...candidates],
      })
  })

  it('are workers and kinds at their positions', async () => {
    const workspace = await workspaceInAllStates()
    for (const [words, candidates] of [
      [
        ['complete', ''],
        ['ann', 'bob'],
      ],
      [
        ['claim', ''],
        ['ann', 'bob', 'cy'],
      ],
      [
        ['claim', 'ann', ''],
        ['ci', 'docs', 'done', 'late'],
      ],
      [
        ['claim', 'ann', 'ci', 'd'],
        ['docs', 'done'],
      ],
      [
        ['complete', 'ann', 'read', '--claim-next', 'ci', 'do'],
        ['docs', 'done'],
      ],
      [
        ['pause', ''],
        ['ci', 'docs', 'done'],
      ],
      [['resume', ''], ['late']],
      [['list', '--kind', 'l'], ['late']],
      [['limit', 'c'], ['ci']],
    ] as const)
      expect({ words, completions: await listCompletions(workspace, words) }).toEqual({
        words,
        completions: ['words', ...candidates],
      })
  })

  it('are no invisible names, which the log of an older version may contain', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'read'])
    const last = workspace.readText('events.jsonl').trimEnd().split('\n').at(-1) ?? ''
    const { hash, seq, time } = JSON.parse(last) as {
      readonly hash: string
      readonly seq: number
      readonly time: string
    }
    const open = JSON.stringify({ seq: seq + 1, event: 'added', task_id: 're\u3164ad', kind: '\u2800', time })
    appendFileSync(join(workspace.dir, 'events.jsonl'), `${open.slice(0, -1)},"hash":"${chainHash(hash, open)}"}\n`)
    expect(await workspace.runOk(['list', '--json'])).toMatchObject({ tasks: [{ id: 'read' }, { id: 're\u3164ad' }] })
    expect(await listCompletions(workspace, ['show', ''])).toEqual(['words', 'read'])
    expect(await listCompletions(workspace, ['claim', 'ann', ''])).toEqual(['words', 'docs'])
  })

  it('are commands, flags, and the values of a flag', async () => {
    const workspace = await newWorkspace()
    for (const [words, candidates] of [
      [['un'], ['unhold']],
      [['--by', 'eve', 'res'], ['resume']],
      [['list', '--st'], ['--status']],
      [['list', '--status', 'b'], ['blocked']],
      [['list', '--status='], ['blocked', 'ready', 'done', 'failed', 'cancelled'].map(each => `--status=${each}`)],
      [
        ['--durability', ''],
        ['disk', 'os'],
      ],
      [
        ['amend', 't', '--no-'],
        ['--no-needs', '--no-tag'],
      ],
      [['verify', '--j'], ['--json']],
      [
        ['completion', ''],
        ['bash', 'zsh', 'fish'],
      ],
      [
        ['help', 'e'],
        ['export', 'exit-codes', 'environment'],
      ],
      [['help', 'unh'], ['unhold']],
      [['note', 'read', ''], []],
    ] as const)
      expect({ words, completions: await listCompletions(workspace, words) }).toEqual({
        words,
        completions: ['words', ...candidates],
      })
    expect(await listCompletions(workspace, ['tail', '-'])).toEqual(
      expect.arrayContaining(['-f', '--follow', '--dir', '--help']),
    )
    expect(await listCompletions(workspace, ['no-such-command', ''])).toEqual([])
  })

  it('are left to the shell for files, directories and other commands', async () => {
    const workspace = await newWorkspace()
    expect(await listCompletions(workspace, ['work', 'ann', '--', ''])).toEqual(['commands'])
    expect(await listCompletions(workspace, ['work', 'ann', 'docs', '--', 'make', '-'])).toEqual(['files'])
    expect(await listCompletions(workspace, ['import', ''])).toEqual(['files'])
    expect(await listCompletions(workspace, ['--dir', ''])).toEqual(['directories'])
    expect(await listCompletions(workspace, ['list', '--dir=x'])).toEqual(['directories'])
    expect(await listCompletions(workspace, ['init', ''])).toEqual(['directories'])
  })

  it('have a description on one line, without control characters', async () => {
    const { cwd } = await workspaceInAllStates()
    const { stdout } = await runComplete(cwd, ['fish', 'show', 're'])
    expect(stdout).toBe('words\nread\tdocs, claimed by ann, Read\\tthe docs\nreport\tlate, ready\n')
  })

  it("have no id that begins with a dash, except after -- or as a flag's value", async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', '--', '-dash'])
    expect(await listCompletions(workspace, ['show', ''])).toEqual(['words'])
    expect(await listCompletions(workspace, ['show', '--', ''])).toEqual(['words', '-dash'])
    expect(await listCompletions(workspace, ['show', '--', '-d'])).toEqual(['words', '-dash'])
    expect(await listCompletions(workspace, ['claim', 'ann', '--task', ''])).toEqual(['words', '-dash'])
  })

  it('come from the workspace in --dir, with variables expanded as in the shell', async () => {
    const [here, there] = [await newWorkspace(), await workspaceInAllStates()]
    const words = (dir: string) => ['--dir', dir, 'show', 'wr']
    expect(await listCompletions(here, words(there.dir))).toEqual(['words', 'write'])
    expect(await listCompletions(here, words('~/.claimlog'), { HOME: there.cwd })).toEqual(['words', 'write'])
    expect(await listCompletions(here, words('$Q/.claimlog'), { Q: there.cwd })).toEqual(['words', 'write'])
    expect(await listCompletions(here, words('${Q}/.claimlog'), { Q: there.cwd })).toEqual(['words', 'write'])
    expect(await listCompletions(here, ['show', 'wr'], { CLAIMLOG_DIR: there.dir })).toEqual(['words', 'write'])
    expect(await listCompletions(here, words('$(pwd)'))).toEqual(['words'])
  })
})

describe('in a long log', () => {
  it('there are about a hundred candidates, with the same common prefix as all matches', async () => {
    const workspace = await newLongLog()
    const [, ...names] = await listCompletions(workspace, ['show', 't'])
    expect(names.length).toBeLessThanOrEqual(102)
    expect(names).toEqual(expect.arrayContaining(['t0', 't999']))
    const [, ...narrowed] = await listCompletions(workspace, ['show', 't41'])
    expect(narrowed.length).toBeLessThanOrEqual(102)
    expect(narrowed).toEqual(expect.arrayContaining(['t41', 't4199']))
    expect(await listCompletions(workspace, ['show', 't419'])).toHaveLength(1 + 11)
    expect(await listCompletions(workspace, ['complete', 'ann', ''])).toEqual(['words', 't0'])
  })

  it('the checkpoint is read, and nothing is written', async () => {
    const workspace = await newLongLog()
    const derived = join(workspace.dir, 'derived')
    const before = readdirSync(derived).map(name => [name, readFileSync(join(derived, name), 'latin1')])
    expect(await listCompletions(workspace, ['show', 't4199'])).toEqual(['words', 't4199'])
    const after = readdirSync(derived).map(name => [name, readFileSync(join(derived, name), 'latin1')])
    expect(after.filter(([name]) => !name?.endsWith('-lock'))).toEqual(
      before.filter(([name]) => !name?.endsWith('-lock')),
    )
  })
})

describe('on any error, the output is empty and the exit code is 0', () => {
  const noCandidates = { status: 0, stdout: 'words\n', stderr: '' }

  it('without a workspace', async () => {
    const cwd = temporaryDirectory()
    expect(await runComplete(cwd, ['zsh', 'show', ''])).toEqual(noCandidates)
    expect(await runComplete(cwd, ['zsh', '--dir', '/no/such/place', 'show', ''])).toEqual(noCandidates)
    expect(await runComplete(cwd, ['bash', 'claimlog show ', ''])).toEqual(noCandidates)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('with a damaged log', async () => {
    const { cwd, dir, readText } = await workspaceInAllStates()
    writeFileSync(join(dir, 'events.jsonl'), readText('events.jsonl').replace('"kind":"ci"', '"kind":"no"'))
    expect(await runComplete(cwd, ['zsh', 'show', ''])).toEqual(noCandidates)
    writeFileSync(join(dir, 'events.jsonl'), '{')
    expect(await runComplete(cwd, ['zsh', 'show', ''])).toEqual(noCandidates)
  })

  it('with invalid words or settings', async () => {
    const { cwd } = await workspaceInAllStates()
    for (const words of [[], ['tcsh', 'x', ''], ['bash'], ['zsh', '--nonsense=', ''], ['zsh', 'show', '--', '--']])
      expect(await runComplete(cwd, words)).toMatchObject({ status: 0, stderr: '' })
    const env = { CLAIMLOG_LOCK_TIMEOUT: 'soon', CLAIMLOG_DURABILITY: 'none' }
    expect(await runComplete(cwd, ['zsh', 'show', 'wr'], env)).toMatchObject({ status: 0, stderr: '' })
  })

  it('and an edited queue.json remains unchanged', async () => {
    const { cwd, dir } = await workspaceInAllStates()
    writeFileSync(join(dir, 'queue.json'), 'mine')
    expect(await listCompletions({ cwd }, ['show', 'wr'])).toEqual(['words', 'write'])
    expect(readFileSync(join(dir, 'queue.json'), 'utf8')).toBe('mine')
    expect(existsSync(join(dir, 'queue.edited.json'))).toBe(false)
  })
})
