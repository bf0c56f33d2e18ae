import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claimlogPath, type Finished, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { hashAfter } from '../support/log/log-chain.ts'
import { longLog } from '../support/long-log.ts'

/** What claimlog answers the script of a shell. */
const asked = (
  cwd: string,
  words: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> => run(process.execPath, [claimlogPath, '__complete', ...words], { cwd, env })

/** What fits after `words`, the last of which is being typed; the first line says what it is. */
const fitting = async (
  { cwd }: { readonly cwd: string },
  words: ReadonlyArray<string>,
  env?: Readonly<Record<string, string>>,
): Promise<ReadonlyArray<string>> => {
  const { status, stdout, stderr } = await asked(cwd, ['zsh', ...words], env)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split('\n').flatMap(line => (line === '' ? [] : (line.split('\t')[0] ?? '')))
}

/** A queue in which every task stands somewhere else. */
const busyWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const tasks = [
    { kind: 'docs', task_id: 'read', title: 'Read\tthe docs' },
    { kind: 'docs', task_id: 'write', needs: ['read'] },
    { kind: 'ci', task_id: 'unit' },
    { kind: 'ci', task_id: 'lint' },
    { kind: 'late', task_id: 'report' },
    { kind: 'done', task_id: 'old' },
  ]
  await workspace.done(['add', '-'], ndjson(...tasks))
  await workspace.done(['hold', 'lint'])
  await workspace.done(['claim', 'ann', '--task', 'read'])
  await workspace.done(['claim', 'bob', '--task', 'unit'])
  await workspace.done(['claim', 'cy', '--task', 'old'])
  await workspace.done(['complete', 'cy', 'old'])
  await workspace.done(['pause', 'late'])
  return workspace
}

describe('what fits on the command line', () => {
  it('are tasks that the command is meant for, and where there is none of them, any', async () => {
    const workspace = await busyWorkspace()
    for (const [words, fits] of [
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
      expect({ words, fits: await fitting(workspace, words) }).toEqual({ words, fits: ['words', ...fits] })
  })

  it('are workers and kinds where they belong', async () => {
    const workspace = await busyWorkspace()
    for (const [words, fits] of [
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
      expect({ words, fits: await fitting(workspace, words) }).toEqual({ words, fits: ['words', ...fits] })
  })

  it('are no names that cannot be seen, which a log of an earlier version may hold', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs', 'read'])
    const last = workspace.text('events.jsonl').trimEnd().split('\n').at(-1) ?? ''
    const { hash, seq, time } = JSON.parse(last) as {
      readonly hash: string
      readonly seq: number
      readonly time: string
    }
    const open = JSON.stringify({ seq: seq + 1, event: 'added', task_id: 're\u3164ad', kind: '\u2800', time })
    appendFileSync(join(workspace.dir, 'events.jsonl'), `${open.slice(0, -1)},"hash":"${hashAfter(hash, open)}"}\n`)
    expect(await workspace.done(['list', '--json'])).toMatchObject({ tasks: [{ id: 'read' }, { id: 're\u3164ad' }] })
    expect(await fitting(workspace, ['show', ''])).toEqual(['words', 'read'])
    expect(await fitting(workspace, ['claim', 'ann', ''])).toEqual(['words', 'docs'])
  })

  it('are commands, flags, and the values that a flag can have', async () => {
    const workspace = await newWorkspace()
    for (const [words, fits] of [
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
      expect({ words, fits: await fitting(workspace, words) }).toEqual({ words, fits: ['words', ...fits] })
    expect(await fitting(workspace, ['tail', '-'])).toEqual(
      expect.arrayContaining(['-f', '--follow', '--dir', '--help']),
    )
    expect(await fitting(workspace, ['no-such-command', ''])).toEqual([])
  })

  it('are files, directories and the commands of others, which the shell knows', async () => {
    const workspace = await newWorkspace()
    expect(await fitting(workspace, ['work', 'ann', '--', ''])).toEqual(['commands'])
    expect(await fitting(workspace, ['work', 'ann', 'docs', '--', 'make', '-'])).toEqual(['files'])
    expect(await fitting(workspace, ['import', ''])).toEqual(['files'])
    expect(await fitting(workspace, ['--dir', ''])).toEqual(['directories'])
    expect(await fitting(workspace, ['list', '--dir=x'])).toEqual(['directories'])
    expect(await fitting(workspace, ['init', ''])).toEqual(['directories'])
  })

  it('comes with what it is, on one line and with nothing that a terminal would obey', async () => {
    const { cwd } = await busyWorkspace()
    const { stdout } = await asked(cwd, ['fish', 'show', 're'])
    expect(stdout).toBe('words\nread\tdocs, claimed by ann, Read\\tthe docs\nreport\tlate, ready\n')
  })

  it('is no id that begins with a dash, but where it is taken for one', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs', '--', '-dash'])
    expect(await fitting(workspace, ['show', ''])).toEqual(['words'])
    expect(await fitting(workspace, ['show', '--', ''])).toEqual(['words', '-dash'])
    expect(await fitting(workspace, ['show', '--', '-d'])).toEqual(['words', '-dash'])
    expect(await fitting(workspace, ['claim', 'ann', '--task', ''])).toEqual(['words', '-dash'])
  })

  it('is of the workspace that --dir names, as the shell will put it', async () => {
    const [here, there] = [await newWorkspace(), await busyWorkspace()]
    const words = (dir: string) => ['--dir', dir, 'show', 'wr']
    expect(await fitting(here, words(there.dir))).toEqual(['words', 'write'])
    expect(await fitting(here, words('~/.claimlog'), { HOME: there.cwd })).toEqual(['words', 'write'])
    expect(await fitting(here, words('$Q/.claimlog'), { Q: there.cwd })).toEqual(['words', 'write'])
    expect(await fitting(here, words('${Q}/.claimlog'), { Q: there.cwd })).toEqual(['words', 'write'])
    expect(await fitting(here, ['show', 'wr'], { CLAIMLOG_DIR: there.dir })).toEqual(['words', 'write'])
    expect(await fitting(here, words('$(pwd)'))).toEqual(['words'])
  })
})

describe('in a long log', () => {
  it('a hundred names come, so that what they begin with is what all begin with', async () => {
    const workspace = await longLog()
    const [, ...names] = await fitting(workspace, ['show', 't'])
    expect(names.length).toBeLessThanOrEqual(102)
    expect(names).toEqual(expect.arrayContaining(['t0', 't999']))
    const [, ...within] = await fitting(workspace, ['show', 't41'])
    expect(within.length).toBeLessThanOrEqual(102)
    expect(within).toEqual(expect.arrayContaining(['t41', 't4199']))
    expect(await fitting(workspace, ['show', 't419'])).toHaveLength(1 + 11)
    expect(await fitting(workspace, ['complete', 'ann', ''])).toEqual(['words', 't0'])
  })

  it('the state that is kept is read, and neither it nor anything else is written', async () => {
    const workspace = await longLog()
    const derived = join(workspace.dir, 'derived')
    const before = readdirSync(derived).map(name => [name, readFileSync(join(derived, name), 'latin1')])
    expect(await fitting(workspace, ['show', 't4199'])).toEqual(['words', 't4199'])
    const after = readdirSync(derived).map(name => [name, readFileSync(join(derived, name), 'latin1')])
    expect(after.filter(([name]) => !name?.endsWith('-lock'))).toEqual(
      before.filter(([name]) => !name?.endsWith('-lock')),
    )
  })
})

describe('whatever is wrong, nothing is said and the exit code is 0', () => {
  const nothing = { status: 0, stdout: 'words\n', stderr: '' }

  it('where there is no workspace', async () => {
    const cwd = temporaryDirectory()
    expect(await asked(cwd, ['zsh', 'show', ''])).toEqual(nothing)
    expect(await asked(cwd, ['zsh', '--dir', '/no/such/place', 'show', ''])).toEqual(nothing)
    expect(await asked(cwd, ['bash', 'claimlog show ', ''])).toEqual(nothing)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('where the log is damaged', async () => {
    const { cwd, dir, text } = await busyWorkspace()
    writeFileSync(join(dir, 'events.jsonl'), text('events.jsonl').replace('"kind":"ci"', '"kind":"no"'))
    expect(await asked(cwd, ['zsh', 'show', ''])).toEqual(nothing)
    writeFileSync(join(dir, 'events.jsonl'), '{')
    expect(await asked(cwd, ['zsh', 'show', ''])).toEqual(nothing)
  })

  it('where the words or the settings make no sense', async () => {
    const { cwd } = await busyWorkspace()
    for (const words of [[], ['tcsh', 'x', ''], ['bash'], ['zsh', '--nonsense=', ''], ['zsh', 'show', '--', '--']])
      expect(await asked(cwd, words)).toMatchObject({ status: 0, stderr: '' })
    const env = { CLAIMLOG_LOCK_TIMEOUT: 'soon', CLAIMLOG_DURABILITY: 'none' }
    expect(await asked(cwd, ['zsh', 'show', 'wr'], env)).toMatchObject({ status: 0, stderr: '' })
  })

  it('and queue.json, edited by hand, stays as it is', async () => {
    const { cwd, dir } = await busyWorkspace()
    writeFileSync(join(dir, 'queue.json'), 'mine')
    expect(await fitting({ cwd }, ['show', 'wr'])).toEqual(['words', 'write'])
    expect(readFileSync(join(dir, 'queue.json'), 'utf8')).toBe('mine')
    expect(existsSync(join(dir, 'queue.edited.json'))).toBe(false)
  })
})
