import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BlockPointer } from '../../packages/checkpoint/src/block-file.ts'
import { type CheckpointManifest, writeManifest } from '../../packages/checkpoint/src/manifest.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { mountTemporary, mountTmpfs, mountMissing, remount } from '../support/machine/file-system.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import {
  maskVolatile,
  derivedPath,
  expectAnswersMatchLog,
  deleteDerived,
  checkpointSeq,
  newLongLog,
  stampPath,
  findTreePath,
  copyLogOnly,
} from '../support/long-log.ts'

/** Changes the stamp file, with a correct checksum. */
const changeStamp = (
  workspace: CliWorkspace,
  changes: (stamp: CheckpointManifest) => Partial<CheckpointManifest>,
): void => {
  const stamp = JSON.parse(readFileSync(stampPath(workspace), 'utf8')) as CheckpointManifest
  writeManifest(derivedPath(workspace), { ...stamp, ...changes(stamp) })
}

const replaceFile = (path: string, make: (path: string) => void): void => {
  rmSync(path)
  make(path)
}

const makePipe = (path: string): void => void execFileSync('mkfifo', [path])

const treeFileSize = (workspace: CliWorkspace): number => statSync(findTreePath(workspace)).size

/** Damages every block except the root: the checkpoint can be opened, but not used for later events or look-ups. */
const damageAllExceptRoot = (workspace: CliWorkspace): void => {
  const { offset, bytes } = (JSON.parse(readFileSync(stampPath(workspace), 'utf8')) as CheckpointManifest).tree
    .root as BlockPointer
  const damagedBytes = Buffer.alloc(treeFileSize(workspace), 'garbage')
  readFileSync(findTreePath(workspace)).copy(damagedBytes, offset, offset, offset + bytes)
  writeFileSync(findTreePath(workspace), damagedBytes)
}

const damages: ReadonlyArray<readonly [title: string, damage: (workspace: CliWorkspace) => void]> = [
  ['deleted completely', deleteDerived],
  ['deleted except for its stamp', workspace => rmSync(findTreePath(workspace))],
  ['without its stamp', workspace => rmSync(stampPath(workspace))],
  ['empty', workspace => truncateSync(findTreePath(workspace), 0)],
  ['one byte long', workspace => truncateSync(findTreePath(workspace), 1)],
  ['one page long', workspace => truncateSync(findTreePath(workspace), 4096)],
  [
    'truncated to half its size',
    workspace => truncateSync(findTreePath(workspace), Math.floor(treeFileSize(workspace) / 2)),
  ],
  ['one byte too short', workspace => truncateSync(findTreePath(workspace), treeFileSize(workspace) - 1)],
  ['one byte too long', workspace => appendFileSync(findTreePath(workspace), 'x')],
  ['full of zeros', workspace => writeFileSync(findTreePath(workspace), Buffer.alloc(treeFileSize(workspace)))],
  [
    'full of garbage',
    workspace => writeFileSync(findTreePath(workspace), Buffer.alloc(treeFileSize(workspace), 'garbage')),
  ],
  ['full of garbage except for its root', damageAllExceptRoot],
  ['next to an empty stamp', workspace => writeFileSync(stampPath(workspace), '')],
  ['next to half of its stamp', workspace => truncateSync(stampPath(workspace), 100)],
  ['next to a stamp that is null', workspace => writeFileSync(stampPath(workspace), 'null')],
  ['from before a reboot', workspace => changeStamp(workspace, () => ({ boot: 'another' }))],
  ['of another version', workspace => changeStamp(workspace, () => ({ format: 1 }))],
  [
    'from another history than its stamp',
    workspace => changeStamp(workspace, ({ head }) => ({ head: { ...head, at: '1 2 00' } })),
  ],
  ['in another file according to its stamp', workspace => changeStamp(workspace, () => ({ file: '../events.jsonl' }))],
  ['next to a stamp that is a directory', workspace => replaceFile(stampPath(workspace), path => mkdirSync(path))],
  [
    'next to a stamp that is a link',
    workspace => replaceFile(stampPath(workspace), path => symlinkSync('/dev/zero', path)),
  ],
  ['next to a stamp that is a named pipe', workspace => replaceFile(stampPath(workspace), makePipe)],
  ['a directory', workspace => replaceFile(findTreePath(workspace), path => mkdirSync(path))],
  ['a link', workspace => replaceFile(findTreePath(workspace), path => symlinkSync('/dev/zero', path))],
  ['a named pipe', workspace => replaceFile(findTreePath(workspace), makePipe)],
  [
    'a named pipe, and its lock file a directory',
    workspace => {
      replaceFile(findTreePath(workspace), makePipe)
      replaceFile(join(derivedPath(workspace), 'checkpoint.lock'), path => mkdirSync(path))
    },
  ],
]

describe('the answers are the same as without a checkpoint if it is', () => {
  test.each(damages)('%s', async (_title, damage) => {
    const workspace = await newLongLog()
    expect(checkpointSeq(workspace)).toBe(4202)
    damage(workspace)
    await expectAnswersMatchLog(workspace)
  })

  test('that of another workspace', async () => {
    const [workspace, other] = [await newLongLog(), await newLongLog('another')]
    deleteDerived(workspace)
    renameSync(derivedPath(other), derivedPath(workspace))
    await expectAnswersMatchLog(workspace)
  })

  test('newer than the log, which was restored to an earlier state', async () => {
    const workspace = await newLongLog()
    const logPath = join(workspace.dir, 'events.jsonl')
    const earlier = readFileSync(logPath)
    await workspace.runOk(['add', '-'], '{"kind": "art", "title": "later"}\n'.repeat(600))
    expect(checkpointSeq(workspace)).toBe(4802)
    writeFileSync(logPath, earlier)
    await expectAnswersMatchLog(workspace, /the log was restored to an earlier state/)
  })

  test('older than the log', async () => {
    const workspace = await newLongLog()
    await workspace.runOk(['add', '-'], '{"kind": "art"}\n'.repeat(40))
    await workspace.runOk(['complete', 'ann', 't0'])
    expect(checkpointSeq(workspace)).toBe(4202)
    await expectAnswersMatchLog(workspace)
  })

  test('an older one that was restored with its stamp', async () => {
    const workspace = await newLongLog()
    const copy = `${derivedPath(workspace)}.copy`
    cpSync(derivedPath(workspace), copy, { recursive: true, preserveTimestamps: true })
    await workspace.runOk(['add', '-'], '{"kind": "art"}\n'.repeat(600))
    deleteDerived(workspace)
    renameSync(copy, derivedPath(workspace))
    await expectAnswersMatchLog(workspace)
  })
})

describe('a checkpoint', () => {
  test('is what claims start from: they do not notice damage to earlier lines, but commands that read the log do', async () => {
    const workspace = await newLongLog()
    const logPath = join(workspace.dir, 'events.jsonl')
    writeFileSync(logPath, readFileSync(logPath, 'utf8').replace('"task_id":"t7"', '"task_id":"x7"'))
    expect((await workspace.runOk(['claim', 'bob', 'docs']))['seq']).toBe(4203)
    for (const args of [['verify'], ['replay', '--check'], ['doctor']])
      expect((await workspace.run(args)).status).toBe(7)
    expect((await workspace.run(['trace', 't7'])).status).toBe(7)
    expect((await workspace.run(['trace', 't100'])).status).toBe(0)
    deleteDerived(workspace)
    expect((await workspace.run(['claim', 'bob', 'docs'])).status).toBe(7)
  })

  itIfPossible(mountMissing('tmpfs'))('is used even if the workspace is read-only', async () => {
    const mountPoint = mountTemporary('tmpfs', 64 * 1024)
    const original = await newLongLog()
    cpSync(original.cwd, mountPoint, { recursive: true })
    const workspace = cliWorkspace(mountPoint)
    deleteDerived(workspace)
    await workspace.runOk(['claim', 'bob', 'docs'])
    expect(checkpointSeq(workspace)).toBe(4203)
    const logOnly = copyLogOnly(workspace)
    remount(mountPoint, 'ro')
    for (const args of [
      ['list', '--json'],
      ['show', 't0', '--json'],
    ])
      expect((await workspace.run(args)).stdout).toBe((await logOnly.run(args)).stdout)
  })

  itIfPossible(mountMissing('tmpfs'))('is not saved if the disk is full, and the answers are the same', async () => {
    const workspace = await newLongLog()
    deleteDerived(workspace)
    for (const kib of [4, 16, 64, 256, 1024]) {
      const unmount = mountTmpfs(derivedPath(workspace), kib)
      const logOnly = copyLogOnly(workspace)
      for (const args of [
        ['claim', 'bob', 'ci'],
        ['list', '--json'],
      ]) {
        const [actual, expected] = [await workspace.run(args), await logOnly.run(args)]
        expect([kib, actual.status, maskVolatile(actual.stdout)]).toEqual([kib, 0, maskVolatile(expected.stdout)])
      }
      expect(readdirSync(derivedPath(workspace)).filter(name => /checkpoint.*(tree|stamp)/.test(name))).toEqual([])
      unmount()
    }
  })
})
