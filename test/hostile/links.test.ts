import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOutput, claimlogPath, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'

const secret = 'a file of another user\n'

/** Replaces `name` in the workspace by a link to a file outside; returns the path of that file. */
const linkOutside = ({ cwd, dir }: CliWorkspace, name: string, content: string | undefined): string => {
  const outside = join(cwd, 'outside')
  if (content !== undefined) writeFileSync(outside, content)
  mkdirSync(join(dir, 'derived'), { recursive: true })
  rmSync(join(dir, name), { recursive: true, force: true })
  symlinkSync(outside, join(dir, name))
  return outside
}

/** The content of a file; undefined if it does not exist. */
const readIfExists = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** An incomplete line. */
const tornTail = '{"seq":4,"event":"noted"'

/** Runs commands that write every derived file, and a read-only one. */
const runWriters = async ({ run, dir }: CliWorkspace): Promise<void> => {
  await run(['add', 'docs', 'second'])
  await run(['list'])
  writeFileSync(join(dir, 'events.jsonl'), tornTail, { flag: 'a' })
  await run(['add', 'docs', 'third'])
  if (lstatSync(join(dir, 'queue.json'), { throwIfNoEntry: false })?.isFile() === true)
    writeFileSync(join(dir, 'queue.json'), 'edited by hand', { flag: 'a' })
  await run(['status'])
  await run(['replay'])
}

const derivedLinks = [
  ...['queue.json', 'queue.edited.json', 'events.torn'],
  ...['derived', 'derived/queue.json.tmp', 'derived/queue.stamp', 'derived/queue.lock'],
]

describe.each(derivedLinks)('if %s is a symbolic link to a file outside the workspace', name => {
  it.each([
    ['that exists, no command changes it', secret],
    ['that does not exist, no command creates it', undefined],
  ])('%s', async (_what, content) => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 'first'])
    const outside = linkOutside(workspace, name, content)
    await runWriters(workspace)
    expect(readIfExists(outside)).toBe(content)
    expect(readdirSync(workspace.cwd).sort()).toEqual(['.claimlog', ...(content === undefined ? [] : ['outside'])])
  })
})

describe('if events.jsonl is a symbolic link', () => {
  it.each(['claim w', 'add docs', 'list --json', 'status --json', 'verify --json', 'replay --json', 'init'])(
    'claimlog %s reports it and does not follow it, not even to a valid log',
    async command => {
      const workspace = await newWorkspace()
      await workspace.runOk(['add', 'docs', 'first'])
      const log = workspace.readText('events.jsonl')
      const outside = linkOutside(workspace, 'events.jsonl', log)
      const { status, stdout, stderr } = await workspace.run(command.split(' '))
      expect({ status, ...parseOutput({ status, stdout, stderr }) }).toMatchObject({
        status: 1,
        ok: false,
        error: 'io_failed',
        code: 'ELOOP',
      })
      expect(readFileSync(outside, 'utf8')).toBe(log)
    },
  )

  it('init does not create the target of a dangling link', async () => {
    const workspace = await newWorkspace()
    const outside = linkOutside(workspace, 'events.jsonl', undefined)
    const { status, stdout, stderr } = await workspace.run(['init'])
    expect({ status, ...parseOutput({ status, stdout, stderr }) }).toMatchObject({ status: 1, error: 'io_failed' })
    expect(existsSync(outside)).toBe(false)
  })
})

describe('if queue.json is a named pipe', () => {
  it('no command waits for a writer', async () => {
    const workspace = await newWorkspace()
    const { cwd } = workspace
    rmSync(join(workspace.dir, 'queue.json'), { force: true })
    expect(await run('mkfifo', [join(workspace.dir, 'queue.json')], { cwd })).toMatchObject({ status: 0 })
    for (const args of [['add', 'docs'], ['list']]) {
      const { status } = await run('timeout', ['20', process.execPath, claimlogPath, ...args], { cwd })
      expect({ args, status }).toEqual({ args, status: 0 })
    }
  })
})

describe('a directory that is reached through a symbolic link', () => {
  it('is a workspace like any other', async () => {
    const workspace = await newWorkspace()
    renameSync(workspace.dir, join(workspace.cwd, 'elsewhere'))
    symlinkSync(join(workspace.cwd, 'elsewhere'), workspace.dir)
    const linkedWorkspace = cliWorkspace(workspace.cwd)
    await linkedWorkspace.runOk(['add', 'docs', 'first'])
    expect(await linkedWorkspace.runOk(['claim', 'ann'])).toMatchObject({ ok: true, task: { id: 'first' } })
    expect(JSON.parse(linkedWorkspace.readText('queue.json'))).toMatchObject({ seq: 3 })
  })
})
