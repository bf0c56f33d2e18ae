/**
 * On a machine without enough memory, descriptors, space or directories, every command ends with an exit code and the
 * log stays valid.
 */
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimlogPath, type ProcessResult, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { chooseCount, selectCases } from '../support/machine/select-cases.ts'

/** Every command except those that run until they are stopped. */
const commands: ReadonlyArray<string> = [
  'init elsewhere',
  'add docs',
  'add - <tasks.ndjson',
  'import tasks.ndjson',
  'claim ann docs',
  'renew ann t0',
  'complete ann t0',
  'fail ann t0 --error x',
  'release ann t0',
  'note t0 x',
  'hold t1',
  'unhold t1',
  'cancel t2',
  'retry t2',
  'amend t3 --priority 1',
  'pause docs',
  'resume docs',
  'limit docs 5',
  'claim bob docs --wait 10ms',
  'work bob docs --once -- true',
  'list',
  'list --json',
  'show t0',
  'status',
  'why t1',
  'trace t0',
  'replay',
  'replay --check',
  'verify',
  'diff 1 3',
  'repair',
  'reconcile .claimlog',
  'tail --json',
  'doctor',
  'prime',
  'metrics',
  'export csv',
  'export otlp',
  'wait --empty --timeout 10ms',
  'completion bash',
  'setup claude-code --print',
  'setup claude-code',
  'mcp </dev/null',
  '--help',
]

const exitCodes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

const deleteDirectoryScript = 'mkdir gone; cd gone; rmdir ../gone'

/** Permissions do not stop root; a read-only mount in the namespace of this shell stops every user. */
const readOnlyMountScript = 'mount --bind .claimlog .claimlog && mount -o remount,bind,ro .claimlog'

/** The fault of the machine, the shell commands that create it, and the redirection of the command's streams. */
const machineFaults: ReadonlyArray<readonly [string, string, string]> = [
  // From the minimum with which Node can load a file to enough for every command.
  ...[18, 19, 20, 22, 28, 64].map(
    descriptorsMax => [`${descriptorsMax} descriptors`, `ulimit -n ${descriptorsMax}`, ''] as const,
  ),
  ['4 GiB of addresses', 'ulimit -v 4194304', ''],
  ['1.5 GiB of addresses', 'ulimit -v 1572864', ''],
  ['no temporary directory', 'export TMPDIR=/nonexistent', ''],
  ['a temporary directory that is a file', 'export TMPDIR="$PWD/tasks.ndjson"', ''],
  ['a temporary directory that is full', 'export TMPDIR=/dev/full', ''],
  ['no home directory', 'unset HOME', ''],
  ['a home directory that does not exist', 'export HOME=/nonexistent', ''],
  ['a home directory that is not writable', 'export HOME=/proc', ''],
  ['a home directory that is a file', 'export HOME="$PWD/tasks.ndjson"', ''],
  ['a working directory that was deleted', deleteDirectoryScript, ''],
  [
    'a deleted directory and a workspace elsewhere',
    `export CLAIMLOG_DIR="$PWD/.claimlog"; ${deleteDirectoryScript}`,
    '',
  ],
  ['a read-only workspace', readOnlyMountScript, ''],
  ['no environment variables', 'unset HOME PATH TMPDIR LANG USER', ''],
  ['stdout closed', ':', '>&-'],
  ['stderr closed', ':', '2>&-'],
  ['stdin closed', ':', '<&-'],
  ['a full disk at stdout', ':', '>/dev/full'],
  ['a full disk at stderr', ':', '2>/dev/full'],
  ['files of at most 512 bytes', 'ulimit -f 1', ''],
]

const newWorkspaceWithTasks = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  workspace.writeFile('tasks.ndjson', '{"kind":"docs","task_id":"n1"}\n{"kind":"docs","task_id":"n2"}\n')
  for (const id of ['t0', 't1', 't2', 't3']) await workspace.runOk(['add', 'docs', id])
  await workspace.runOk(['claim', 'ann', 'docs'])
  return workspace
}

/** Runs a file with Node on a faulty machine; `status` is null if a signal ended it. */
const runInShell = (
  { cwd }: CliWorkspace,
  fault: string,
  file: string,
  argumentsText: string,
): Promise<ProcessResult> => {
  const launcher = fault.includes('mount ') ? ['unshare', '--mount'] : ['env']
  const [program = '', ...args] = [...launcher, '/bin/bash', '-c', `${fault}; exec "$NODE" "$FILE" ${argumentsText}`]
  return run(program, args, { cwd, env: { NODE: process.execPath, FILE: file } })
}

const runWithFault = (
  workspace: CliWorkspace,
  fault: string,
  command: string,
  streams: string,
): Promise<ProcessResult> => runInShell(workspace, fault, claimlogPath, `${command} ${streams}`)

/** False if Node itself cannot load a file, so that there is nothing of claimlog to test. */
const canStartNode = async (workspace: CliWorkspace, fault: string): Promise<boolean> => {
  const empty = join(workspace.cwd, workspace.writeFile('empty.cjs', ''))
  return (await runInShell(workspace, `set -e; ${fault}`, empty, '')).status === 0
}

/** Checks that the log has the event of a command that reported `ok`. */
const expectEventWritten = ({ status, stdout }: ProcessResult, workspace: CliWorkspace): void => {
  if (status !== 0 || !stdout.startsWith('{\n  "ok": true')) return
  const { seq = 0 } = JSON.parse(stdout) as { readonly seq?: number }
  expect(workspace.readEvents().length).toBeGreaterThanOrEqual(seq)
}

/** Checks that the log is unchanged or has only complete lines added. */
const expectValidLog = async (workspace: CliWorkspace, earlierLog: string): Promise<void> => {
  expect(workspace.readText('events.jsonl').startsWith(earlierLog)).toBe(true)
  expect(await workspace.run(['verify', '--json'])).toMatchObject({ status: 0 })
}

describe.runIf(process.platform === 'linux')('a faulty machine', () => {
  it.each(machineFaults.map((fault, i) => [...fault, i] as const))(
    'with %s ends no command with a signal and damages no log',
    async (_what, fault, streams, faultIndex) => {
      const workspace = await newWorkspaceWithTasks()
      if (!(await canStartNode(workspace, fault))) return
      const earlierLog = workspace.readText('events.jsonl')
      // Each command meets every ninth fault.
      for (const command of selectCases(commands, 9, faultIndex)) {
        // The shell ignores SIGXFSZ, which would end Node by default: the limit is then an ordinary error.
        const result = await runWithFault(workspace, `trap '' XFSZ; ${fault}`, command, streams)
        expect({ command, status: result.status, stderr: result.stderr }).toSatisfy(
          ({ status }: ProcessResult) => status !== null && exitCodes.includes(status),
        )
        expect(`${command}: ${result.stdout}${result.stderr}`).not.toContain('bug in claimlog')
        expectEventWritten(result, workspace)
      }
      await expectValidLog(workspace, earlierLog)
    },
    300_000,
  )
})

describe('derived files that are damaged', () => {
  const names = [
    'queue.json',
    'derived/queue.stamp',
    'derived/queue.size',
    'derived/queue.lock',
    'derived/queue.refresher',
  ]
  const damage = fc.oneof(
    fc.constant({ how: 'truncated' as const, bytes: '' }),
    fc.constant({ how: 'deleted' as const, bytes: '' }),
    fc.constant({ how: 'a folder' as const, bytes: '' }),
    fc.string({ unit: 'binary', maxLength: 300 }).map(bytes => ({ how: 'written over' as const, bytes })),
    fc.constant({ how: 'written over' as const, bytes: '\0'.repeat(5000) }),
  )

  it('crash no command and do not affect the log', { timeout: 300_000 }, async () => {
    const workspace = await newWorkspaceWithTasks()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        damage,
        fc.constantFrom(...commands),
        async (name, { how, bytes }, command) => {
          const earlierLog = workspace.readText('events.jsonl')
          const path = join(workspace.dir, name)
          if (how === 'truncated') {
            writeFileSync(path, '', { flag: 'a' })
            truncateSync(path, Math.floor(readFileSync(path).length / 2))
          } else rmSync(path, { recursive: true, force: true })
          if (how === 'a folder') mkdirSync(path)
          if (how === 'written over') writeFileSync(path, bytes)
          const result = await runWithFault(workspace, ':', command, '')
          if (how === 'a folder') rmSync(path, { recursive: true, force: true })
          expect(result.status).not.toBeNull()
          expect(result.status === 1 ? result.stdout : '').not.toContain('bug in claimlog')
          await expectValidLog(workspace, earlierLog)
        },
      ),
      { seed: 20_250_101, numRuns: chooseCount(40, 15) },
    )
  })
})
