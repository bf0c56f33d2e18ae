import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { claimlogPath, cleanEnvironment, type ProcessResult, run } from '../support/claimlog-process.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { nobodyUid, type OtherUser, createOtherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { straceMissing } from '../support/machine/strace.ts'
import { agentFiles, newProject, type Project } from './setup-project.ts'

const agents = Object.keys(agentFiles)

/** Creates a project with the agent's files as people write them, and returns the file that setup writes last. */
const projectWithFiles = (agent: string): { readonly project: Project; readonly last: string } => {
  const project = newProject()
  const paths = agentFiles[agent] ?? []
  for (const path of paths) project.write(path, path.endsWith('.json') ? '{"mine": 1}\n' : '# mine\n')
  return { project, last: paths.at(-1) ?? '' }
}

/** Checks that setup is refused with the path and the reason in the message, and that nothing has changed. */
const expectRefused = (project: Project, before: object, result: ProcessResult, path: string, reason: string): void => {
  expect([result.status, result.stdout]).toEqual([1, ''])
  expect(result.stderr).toContain(`${path} could not be written: `)
  expect(result.stderr).toContain(reason)
  expect(result.stderr).toContain('; nothing was changed (io_failed)')
  expect(project.files()).toEqual(before)
}

describe.each(agents)('setup %s changes nothing', agent => {
  test('if one of its files is read-only, even as root', async () => {
    const { project, last } = projectWithFiles(agent)
    const before = project.files()
    chmodSync(join(project.cwd, last), 0o444)
    expectRefused(project, before, await project.run(['setup', agent]), last, 'it is read-only')
    chmodSync(join(project.cwd, last), 0o644)
    await project.setup([agent])
    const filesAfterSetup = project.files()
    chmodSync(join(project.cwd, last), 0o444)
    expectRefused(project, filesAfterSetup, await project.run(['setup', agent, '--remove']), last, 'it is read-only')
    expect((await project.run(['setup', agent, '--check'])).status).toBe(0)
  })

  test('if one of its directories is read-only', async () => {
    const project = newProject()
    const first = agentFiles[agent]?.find(path => path.includes('/')) ?? ''
    const folder = join(project.cwd, dirname(first))
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o555)
    const before = project.files()
    const path = first === '' ? 'AGENTS.md' : first
    expectRefused(project, before, await project.run(['setup', agent]), path, `${folder} is read-only`)
    chmodSync(folder, 0o755)
  })
})

describe('files of another user', () => {
  let stranger: OtherUser | undefined
  beforeAll(() => {
    if (otherUserMissing === undefined) stranger = createOtherUser()
  })
  afterAll(() => stranger?.remove())

  itIfPossible(otherUserMissing)('are left alone, even if they are writable', async () => {
    const { project, last } = projectWithFiles('claude-code')
    chmodSync(project.cwd, 0o777)
    chmodSync(join(project.cwd, '.claude'), 0o777)
    for (const path of agentFiles['claude-code'] ?? []) chmodSync(join(project.cwd, path), 0o666)
    for (const path of ['.mcp.json', '.claude/settings.json']) chownSync(join(project.cwd, path), nobodyUid, nobodyUid)
    const before = project.files()
    const refused = await stranger?.run(project.cwd, ['setup', 'claude-code'])
    expectRefused(
      project,
      before,
      refused as ProcessResult,
      last,
      `it belongs to uid 0, and would belong to uid ${nobodyUid}`,
    )
  })

  itIfPossible(otherUserMissing)('keep their owner if root configures an agent', async () => {
    const { project } = projectWithFiles('claude-code')
    const paths = (agentFiles['claude-code'] ?? []).map(path => join(project.cwd, path))
    for (const path of paths) {
      chownSync(path, nobodyUid, nobodyUid)
      chmodSync(path, 0o640)
    }
    await project.setup(['claude-code'])
    for (const path of paths) expect(statSync(path)).toMatchObject({ uid: nobodyUid, gid: nobodyUid, mode: 0o100640 })
  })
})

describe('a step that fails after others succeeded', () => {
  /** Runs setup under strace, with a fault at a system call of its main thread. */
  const setupWithFault = (project: Project, words: ReadonlyArray<string>, fault: string): Promise<ProcessResult> => {
    const [call = ''] = fault.split(':')
    const flags = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${fault}`]
    return run('strace', [...flags, process.execPath, claimlogPath, 'setup', ...words], { cwd: project.cwd })
  }

  /** Runs setup under strace, which stops it after its first call with that name. */
  const startStoppedSetup = ({ cwd }: Project, words: ReadonlyArray<string>, call: string) => {
    // With -D strace is a separate process, and the child process here is setup itself.
    const flags = ['-D', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=STOP:when=1`]
    const child = spawn('strace', [...flags, process.execPath, claimlogPath, 'setup', ...words], {
      cwd,
      env: cleanEnvironment(),
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = new Promise<ProcessResult>(resolve =>
      child.on('close', status => resolve({ status, stdout, stderr })),
    )
    const resume = async (): Promise<ProcessResult> => {
      // Repeatedly, because a signal that arrives before the stop has no effect.
      const timer = setInterval(() => void child.kill('SIGCONT'), 100)
      return ended.finally(() => clearInterval(timer))
    }
    return { resume }
  }

  itIfPossible(straceMissing)('restores files that were replaced before it', async () => {
    const { project, last } = projectWithFiles('claude-code')
    const before = project.files()
    chmodSync(join(project.cwd, '.mcp.json'), 0o600)
    const failed = await setupWithFault(project, ['claude-code'], 'rename:error=EIO:when=3')
    expectRefused(project, before, failed, last, 'EIO')
    expect(statSync(join(project.cwd, '.mcp.json')).mode & 0o7777).toBe(0o600)
  })

  itIfPossible(straceMissing)('deletes files that were created before it, and their directories', async () => {
    const project = newProject()
    const failed = await setupWithFault(project, ['codex'], 'rename:error=ENOSPC:when=3')
    expectRefused(project, {}, failed, 'AGENTS.md', 'ENOSPC')
  })

  itIfPossible(straceMissing)('restores files that were removed before it', async () => {
    const project = newProject()
    await project.setup(['claude-code'])
    const before = project.files()
    const failed = await setupWithFault(project, ['claude-code', '--remove'], 'unlink:error=EIO:when=3')
    expectRefused(project, before, failed, 'CLAUDE.md', 'EIO')
  })

  itIfPossible(straceMissing)('is reported with the files that could not be restored', async () => {
    const { project, last } = projectWithFiles('claude-code')
    const failed = await setupWithFault(project, ['claude-code'], 'rename:error=EIO:when=3+')
    expect(failed).toMatchObject({ status: 1, stdout: '' })
    expect(failed.stderr).toContain(`${last} could not be written: EIO`)
    expect(failed.stderr).toContain('; .mcp.json, .claude/settings.json could not be restored (io_failed)')
    expect(Object.keys(project.files()).sort()).toEqual([...(agentFiles['claude-code'] ?? [])].sort())
  })

  itIfPossible(straceMissing)('can be an edit by a person in the meantime, which remains', async () => {
    const { project } = projectWithFiles('agents-md')
    const stopped = startStoppedSetup(project, ['agents-md'], 'fsync')
    while (!readdirSync(project.cwd).some(name => name.endsWith('.tmp'))) await sleep(10)
    writeFileSync(join(project.cwd, 'AGENTS.md'), 'theirs\n')
    const result = await stopped.resume()
    expectRefused(project, { 'AGENTS.md': 'theirs\n' }, result, 'AGENTS.md', 'it changed in the meantime')
  })
})
