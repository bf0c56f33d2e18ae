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
import { type CliWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { mounted, mountedOver, mountMissing, remount } from '../support/machine/file-system.ts'
import { itWherePossible } from '../support/machine/it-where-possible.ts'
import {
  comparable,
  derivedOf,
  expectAnswersOfItsLog,
  forgetDerived,
  keptSeq,
  longLog,
  stampOf,
  storeOf,
  withoutDerived,
} from '../support/long-log.ts'

/** Changes the stamp file, with a correct checksum. */
const saying = (workspace: CliWorkspace, said: (stamp: CheckpointManifest) => Partial<CheckpointManifest>): void => {
  const stamp = JSON.parse(readFileSync(stampOf(workspace), 'utf8')) as CheckpointManifest
  writeManifest(derivedOf(workspace), { ...stamp, ...said(stamp) })
}

const putInPlace = (path: string, make: (path: string) => void): void => {
  rmSync(path)
  make(path)
}

const makePipe = (path: string): void => void execFileSync('mkfifo', [path])

const sizeOf = (workspace: CliWorkspace): number => statSync(storeOf(workspace)).size

/** Damages every block except the root: the checkpoint can be opened, but not used for later events or look-ups. */
const spoilAllButRoot = (workspace: CliWorkspace): void => {
  const { offset, bytes } = (JSON.parse(readFileSync(stampOf(workspace), 'utf8')) as CheckpointManifest).tree
    .root as BlockPointer
  const spoilt = Buffer.alloc(sizeOf(workspace), 'garbage')
  readFileSync(storeOf(workspace)).copy(spoilt, offset, offset, offset + bytes)
  writeFileSync(storeOf(workspace), spoilt)
}

const damages: ReadonlyArray<readonly [title: string, damage: (workspace: CliWorkspace) => void]> = [
  ['deleted completely', forgetDerived],
  ['deleted except for its stamp', workspace => rmSync(storeOf(workspace))],
  ['without its stamp', workspace => rmSync(stampOf(workspace))],
  ['empty', workspace => truncateSync(storeOf(workspace), 0)],
  ['one byte long', workspace => truncateSync(storeOf(workspace), 1)],
  ['one page long', workspace => truncateSync(storeOf(workspace), 4096)],
  ['truncated to half its size', workspace => truncateSync(storeOf(workspace), Math.floor(sizeOf(workspace) / 2))],
  ['one byte too short', workspace => truncateSync(storeOf(workspace), sizeOf(workspace) - 1)],
  ['one byte too long', workspace => appendFileSync(storeOf(workspace), 'x')],
  ['full of zeros', workspace => writeFileSync(storeOf(workspace), Buffer.alloc(sizeOf(workspace)))],
  ['full of garbage', workspace => writeFileSync(storeOf(workspace), Buffer.alloc(sizeOf(workspace), 'garbage'))],
  ['full of garbage except for its root', spoilAllButRoot],
  ['next to an empty stamp', workspace => writeFileSync(stampOf(workspace), '')],
  ['next to half of its stamp', workspace => truncateSync(stampOf(workspace), 100)],
  ['next to a stamp that is null', workspace => writeFileSync(stampOf(workspace), 'null')],
  ['from before a reboot', workspace => saying(workspace, () => ({ boot: 'another' }))],
  ['of another version', workspace => saying(workspace, () => ({ format: 1 }))],
  [
    'from another history than its stamp',
    workspace => saying(workspace, ({ head }) => ({ head: { ...head, at: '1 2 00' } })),
  ],
  ['in another file according to its stamp', workspace => saying(workspace, () => ({ file: '../events.jsonl' }))],
  ['next to a stamp that is a directory', workspace => putInPlace(stampOf(workspace), path => mkdirSync(path))],
  [
    'next to a stamp that is a link',
    workspace => putInPlace(stampOf(workspace), path => symlinkSync('/dev/zero', path)),
  ],
  ['next to a stamp that is a named pipe', workspace => putInPlace(stampOf(workspace), makePipe)],
  ['a directory', workspace => putInPlace(storeOf(workspace), path => mkdirSync(path))],
  ['a link', workspace => putInPlace(storeOf(workspace), path => symlinkSync('/dev/zero', path))],
  ['a named pipe', workspace => putInPlace(storeOf(workspace), makePipe)],
  [
    'a named pipe, and its lock file a directory',
    workspace => {
      putInPlace(storeOf(workspace), makePipe)
      putInPlace(join(derivedOf(workspace), 'checkpoint.lock'), path => mkdirSync(path))
    },
  ],
]

describe('the answers are the same as without a checkpoint if it is', () => {
  test.each(damages)('%s', async (_title, damage) => {
    const workspace = await longLog()
    expect(keptSeq(workspace)).toBe(4201)
    damage(workspace)
    await expectAnswersOfItsLog(workspace)
  })

  test('that of another workspace', async () => {
    const [workspace, other] = [await longLog(), await longLog('another')]
    forgetDerived(workspace)
    renameSync(derivedOf(other), derivedOf(workspace))
    await expectAnswersOfItsLog(workspace)
  })

  test('newer than the log, which was restored to an earlier state', async () => {
    const workspace = await longLog()
    const logPath = join(workspace.dir, 'events.jsonl')
    const earlier = readFileSync(logPath)
    await workspace.done(['add', '-'], '{"kind": "art", "title": "later"}\n'.repeat(600))
    expect(keptSeq(workspace)).toBe(4802)
    writeFileSync(logPath, earlier)
    await expectAnswersOfItsLog(workspace, /the log was restored to an earlier state/)
  })

  test('older than the log', async () => {
    const workspace = await longLog()
    await workspace.done(['add', '-'], '{"kind": "art"}\n'.repeat(40))
    await workspace.done(['complete', 'ann', 't0'])
    expect(keptSeq(workspace)).toBe(4201)
    await expectAnswersOfItsLog(workspace)
  })

  test('an older one that was restored with its stamp', async () => {
    const workspace = await longLog()
    const copy = `${derivedOf(workspace)}.copy`
    cpSync(derivedOf(workspace), copy, { recursive: true, preserveTimestamps: true })
    await workspace.done(['add', '-'], '{"kind": "art"}\n'.repeat(600))
    forgetDerived(workspace)
    renameSync(copy, derivedOf(workspace))
    await expectAnswersOfItsLog(workspace)
  })
})

describe('a checkpoint', () => {
  test('is what claims start from: they do not notice damage to earlier lines, but commands that read the log do', async () => {
    const workspace = await longLog()
    const logPath = join(workspace.dir, 'events.jsonl')
    writeFileSync(logPath, readFileSync(logPath, 'utf8').replace('"task_id":"t7"', '"task_id":"x7"'))
    expect((await workspace.done(['claim', 'bob', 'docs']))['seq']).toBe(4203)
    for (const words of [['verify'], ['replay', '--check'], ['doctor']])
      expect((await workspace.run(words)).status).toBe(7)
    expect((await workspace.run(['trace', 't7'])).status).toBe(7)
    expect((await workspace.run(['trace', 't100'])).status).toBe(0)
    forgetDerived(workspace)
    expect((await workspace.run(['claim', 'bob', 'docs'])).status).toBe(7)
  })

  itWherePossible(mountMissing('tmpfs'))('is used even if the workspace is read-only', async () => {
    const at = mounted('tmpfs', 64 * 1024)
    const kept = await longLog()
    cpSync(kept.cwd, at, { recursive: true })
    const workspace = workspaceIn(at)
    forgetDerived(workspace)
    await workspace.done(['claim', 'bob', 'docs'])
    expect(keptSeq(workspace)).toBe(4203)
    const twin = withoutDerived(workspace)
    remount(at, 'ro')
    for (const words of [
      ['list', '--json'],
      ['show', 't0', '--json'],
    ])
      expect((await workspace.run(words)).stdout).toBe((await twin.run(words)).stdout)
  })

  itWherePossible(mountMissing('tmpfs'))('is not saved if the disk is full, and the answers are the same', async () => {
    const workspace = await longLog()
    forgetDerived(workspace)
    for (const kib of [4, 16, 64, 256, 1024]) {
      const unmount = mountedOver(derivedOf(workspace), kib)
      const twin = withoutDerived(workspace)
      for (const words of [
        ['claim', 'bob', 'ci'],
        ['list', '--json'],
      ]) {
        const [there, here] = [await workspace.run(words), await twin.run(words)]
        expect([kib, there.status, comparable(there.stdout)]).toEqual([kib, 0, comparable(here.stdout)])
      }
      expect(readdirSync(derivedOf(workspace)).filter(name => /checkpoint.*(tree|stamp)/.test(name))).toEqual([])
      unmount()
    }
  })
})
