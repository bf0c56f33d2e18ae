import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claimlogPath, type ProcessResult, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { startAgent } from '../support/mcp-agent.ts'

/** Runs a program in a directory that is deleted before it starts. */
const runInDeletedDirectory = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> => {
  const cwd = join(temporaryDirectory(), 'gone')
  mkdirSync(cwd)
  return run('sh', ['-c', 'rmdir "$PWD" && exec "$@"', 'sh', process.execPath, ...args], { cwd, env })
}

const claimlog = (args: ReadonlyArray<string>, env?: Readonly<Record<string, string>>): Promise<ProcessResult> =>
  runInDeletedDirectory([claimlogPath, ...args], env)

describe('in a working directory that was deleted', () => {
  it('every command works on a workspace that is given by an absolute path', async () => {
    const { dir } = await newWorkspace()
    const claimCommands = [
      'add docs t1',
      'add docs t2',
      'claim ann docs',
      'renew ann t1',
      'release ann t1',
      'note t1 x',
    ]
    const otherCommands = ['hold t1', 'unhold t1', 'pause docs', 'resume docs', 'limit docs 9', 'amend t1 --title x']
    const work = ['work ann docs --once -- sh -c :', 'cancel t2', 'retry t2', 'wait t1', 'init', `init ${dir}`]
    const queries = ['list', 'show t1', 'status', 'why t1', 'trace t1', 'diff 1', 'replay', 'replay --check', 'verify']
    const toolCommands = [
      'doctor',
      'repair',
      'tail',
      'export csv',
      'export otlp',
      'metrics',
      'prime',
      'prime --hook codex',
    ]
    const helpCommands = ['completion bash', 'help', 'help environment', '--version', '__complete zsh show ']
    for (const line of [...claimCommands, ...otherCommands, ...work, ...queries, ...toolCommands, ...helpCommands]) {
      const result = await claimlog(line.split(' '), { CLAIMLOG_DIR: dir })
      expect({ line, ...result }).toMatchObject({ line, status: 0 })
    }
    const withDirFlag = await claimlog(['verify', '--dir', dir])
    expect(withDirFlag).toMatchObject({ status: 0, stderr: '' })
  })

  it('a command that needs the directory reports that it was deleted, and prints a hint', async () => {
    const { dir } = await newWorkspace()
    const lines = [
      'list --json',
      'claim ann',
      'init',
      'doctor --json',
      'verify --json',
      'repair --json',
      'setup --json',
    ]
    const otherCommands = [
      'add docs --dir queue',
      'init queue',
      'setup codex --json',
      `setup codex --json --dir ${dir}`,
    ]
    for (const line of [...lines, ...otherCommands]) {
      const { status, stdout, stderr } = await claimlog(line.split(' '))
      expect({ line, status, stderr }).toEqual({ line, status: 2, stderr: '' })
      expect(JSON.parse(stdout)).toMatchObject({
        error: 'no_workspace',
        message: expect.stringContaining('the working directory was deleted') as unknown,
        hint: expect.stringContaining('cd to an existing directory') as unknown,
      })
    }
    expect(await claimlog(['prime', '--hook', 'claude-code'])).toMatchObject({ status: 0, stdout: '' })
    expect(await claimlog(['__complete', 'zsh', 'show', ''])).toMatchObject({ status: 0, stderr: '' })
    const program = await claimlog(['work', 'ann', 'docs', '--dir', dir, '--', './script'])
    expect(program).toMatchObject({ status: 2, stderr: expect.stringContaining('was deleted') as unknown })
  })

  it('the MCP server serves a workspace that is given, and otherwise reports that the directory was deleted', async () => {
    const { dir } = await newWorkspace()
    const listTasks = async (args: ReadonlyArray<string>): Promise<string> => {
      const cwd = join(temporaryDirectory(), 'gone')
      mkdirSync(cwd)
      const agent = await startAgent({ cwd, args, launcher: ['sh', '-c', 'rmdir "$PWD" && exec "$@"', 'sh'] })
      return JSON.stringify(await agent.call('list_tasks'))
    }
    expect(await listTasks(['--dir', dir])).toContain('counts')
    expect(await listTasks([])).toContain('the working directory was deleted')
  })

  it('the library opens a workspace that is given by an absolute path, and otherwise rejects with no_workspace', async () => {
    const { dir } = await newWorkspace()
    const path = join(import.meta.dirname, '../node_modules/claimlog/dist/index.mjs')
    const script = `
      import { init, open } from ${JSON.stringify(path)}
      const word = call => call.then(queue => queue.close().then(() => 'opened'), thrown => thrown.error)
      const dir = ${JSON.stringify(dir)}
      console.log(await word(open({ dir })), await word(init({ dir })), await word(open()), await word(init({ dir: 'x' })))`
    const program = join(temporaryDirectory(), 'program.mjs')
    writeFileSync(program, script)
    const result = await runInDeletedDirectory([program])
    expect(result.stdout).toBe('opened opened no_workspace no_workspace\n')
  })

  it('a process that started before the deletion reports it too', async () => {
    const deletedDir = join(temporaryDirectory(), 'gone')
    mkdirSync(deletedDir)
    const path = join(import.meta.dirname, '../node_modules/claimlog/dist/index.mjs')
    const script = `
      import { rmdirSync } from 'node:fs'
      import { open } from ${JSON.stringify(path)}
      process.chdir(${JSON.stringify(deletedDir)})
      rmdirSync(process.cwd())
      console.log(await open().catch(thrown => thrown.message))`
    const result = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: '/' })
    expect(result.stdout).toContain('the working directory was deleted')
    rmSync(deletedDir, { recursive: true, force: true })
  })
})
