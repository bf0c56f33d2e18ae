import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { checkpointStore, openWorkspace, type CommandInput } from '@claimlog/workspace'
import { type Event, lineCodec, type State } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { describe, expect, test } from 'vitest'
import { countEntries } from '../../packages/checkpoint/src/block.ts'
import { openBlockFile, type BlockPointer } from '../../packages/checkpoint/src/block-file.ts'
import type { CheckpointManifest } from '../../packages/checkpoint/src/manifest.ts'
import { decodePointer } from '../../packages/checkpoint/src/tree.ts'
import { compareWithCheckpoint, foldWholeLog } from '../../packages/doctor/src/checkpoint-comparison.ts'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { selectCases } from '../support/machine/select-cases.ts'

const nowMs = Date.parse('2026-01-01T00:00:00.000Z')

const open = async (dir: string) => {
  const log = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
  if (E.isLeft(log)) throw new Error(JSON.stringify(log.left))
  const checkpoint = checkpointStore({ dir, log: log.right, withLockFile })
  const workspace = openWorkspace({ log: log.right, checkpoint, clock: () => ({ nowMs }) })
  return { ...workspace, log: log.right, runNow: (input: CommandInput) => workspace.run(input)() }
}

const backoff = { firstMs: 1, maxMs: 1 }
const openCommand: CommandInput = { command: 'open', workspace: 'w', leaseMs: 60_000, maxAttempts: 3, backoff }

/** A workspace with a checkpoint that has tasks in every index. */
const newWorkspaceWithCheckpoint = async (): Promise<string> => {
  const dir = temporaryDirectory()
  writeFileSync(join(dir, 'events.jsonl'), '')
  const { runNow, close } = await open(dir)
  const task = (i: number) => ({
    taskId: `t${i}`,
    kind: ['docs', 'ci', 'art'][i % 3] as string,
    ...(i % 10 === 9 ? { needs: [`t${i - 1}`] } : {}),
  })
  await runNow(openCommand)
  await runNow({ command: 'add', tasks: Array.from({ length: 600 }, (_, i) => task(i)) })
  // Completing t33 reads this task only after its event was appended.
  await runNow({ command: 'add', tasks: [{ taskId: 'zz-last', kind: 'docs', needs: ['t33'] }] })
  for (let i = 0; i < 20; i += 1) await runNow({ command: 'claim', worker: 'ann', kinds: ['docs'] })
  for (let i = 0; i < 30; i += 3) await runNow({ command: 'complete', worker: 'ann', taskId: `t${i}` })
  await runNow({ command: 'pause', kind: 'art' })
  await close()
  return dir
}

const copyWorkspace = (dir: string, content: 'all' | 'log'): string => {
  const copy = join(temporaryDirectory(), 'copy')
  mkdirSync(copy)
  if (content === 'all') cpSync(dir, copy, { recursive: true })
  else cpSync(join(dir, 'events.jsonl'), join(copy, 'events.jsonl'))
  return copy
}

const derivedDirectory = (dir: string): string => join(dir, 'derived')
const treeFilePath = (dir: string): string =>
  join(derivedDirectory(dir), readdirSync(derivedDirectory(dir)).find(name => name.endsWith('.tree')) ?? 'none')

/** The positions of all blocks of the checkpoint. */
const listBlocks = (dir: string): ReadonlyArray<BlockPointer> => {
  const { tree } = JSON.parse(
    readFileSync(join(derivedDirectory(dir), 'checkpoint.stamp'), 'utf8'),
  ) as CheckpointManifest
  const file = openBlockFile(treeFilePath(dir))
  const listSubtree = (pointer: BlockPointer, height: number): ReadonlyArray<BlockPointer> => {
    const block = file.read(pointer)
    const children = height === 0 ? [] : Array.from({ length: countEntries(block) }, (_, i) => decodePointer(block, i))
    return [pointer, ...children.flatMap(each => listSubtree(each, height - 1))]
  }
  const all = tree.root === undefined ? [] : listSubtree(tree.root, tree.height)
  file.close()
  return all
}

const changeTreeFile = (dir: string, body: (bytes: Buffer) => void): void => {
  const bytes = readFileSync(treeFilePath(dir))
  body(bytes)
  // Changes the file in place, as a failing disk does, so that processes that have it open see the change.
  writeFileSync(treeFilePath(dir), bytes, { flag: 'r+' })
}

const damages: Readonly<Record<string, (dir: string, block: BlockPointer, other: BlockPointer) => void>> = {
  'a bit is flipped in': (dir, { offset, bytes }) =>
    changeTreeFile(dir, all => {
      const position = offset + (offset % bytes)
      all[position] = (all[position] as number) ^ (1 << (offset % 8))
    }),
  'zeros overwrite': (dir, { offset, bytes }) => changeTreeFile(dir, all => void all.fill(0, offset, offset + bytes)),
  'another block overwrites': (dir, { offset, bytes }, other) =>
    changeTreeFile(dir, all => void all.copy(all, offset, other.offset, other.offset + Math.min(bytes, other.bytes))),
  'the file ends before': (dir, { offset }) => truncateSync(treeFilePath(dir), offset),
  'the file ends within': (dir, { offset, bytes }) => truncateSync(treeFilePath(dir), offset + (bytes >> 1)),
}

/** Runs commands and queries that use every index; returns all their results. */
const runCommands = async ({ runNow, list, status, why, trace, show }: Awaited<ReturnType<typeof open>>) => [
  await runNow({ command: 'claim', worker: 'bob', kinds: ['ci'] }),
  await runNow({ command: 'claim', worker: 'bob', kinds: ['docs'], count: 3 }),
  await runNow({ command: 'complete', worker: 'ann', taskId: 't33' }),
  await runNow({ command: 'complete', worker: 'bob', taskId: 't1' }),
  await runNow({ command: 'fail', worker: 'ann', taskId: 't36', error: 'no' }),
  await runNow({ command: 'retry', taskId: 't3' }),
  await runNow({ command: 'cancel', taskId: 't8' }),
  await runNow({ command: 'claim', worker: 'eve', kinds: ['art'] }),
  await runNow({ command: 'resume', kind: 'art' }),
  await runNow({ command: 'claim', worker: 'eve', kinds: ['art'] }),
  await list()(),
  await status(),
  await why('t9')(),
  await show('t300')(),
  await trace('t33')(),
]

/** The difference between the checkpoint, if there is one, and the log; damage does not count. */
const findDifference = async (dir: string): Promise<string | undefined> => {
  const { log, close } = await open(dir)
  const foldedState = await foldWholeLog(log, () => undefined)()
  if (E.isLeft(foldedState)) return JSON.stringify(foldedState.left)
  const comparison = await compareWithCheckpoint({ dir, log, withLockFile }, foldedState.right)()
  await close()
  if (E.isLeft(comparison)) return JSON.stringify(comparison.left)
  const { right } = comparison
  return right._tag === 'different' && !/ is damaged: | ends before byte /.test(right.detail) ? right.detail : undefined
}

const countClaimed = ({ table }: State): number => table.count('leased', 'ci') + table.count('leased', 'docs')

describe('if any block of a checkpoint is damaged, every answer is still that of the log', () => {
  test.each(Object.keys(damages))('%s it, before it is opened and while it is in use', async title => {
    const damage = damages[title] ?? (() => undefined)
    const original = await newWorkspaceWithCheckpoint()
    const blocks = listBlocks(original)
    expect(blocks.length).toBeGreaterThan(40)
    const logWorkspace = await open(copyWorkspace(original, 'log'))
    const expected = await runCommands(logWorkspace)
    await logWorkspace.close()
    // Each block meets at least one of the five damages.
    for (const [i, block] of selectCases([...blocks.entries()], 4, Object.keys(damages).indexOf(title)))
      for (const isInUse of [false, true]) {
        const dir = copyWorkspace(original, 'all')
        const workspaceInUse = isInUse ? await open(dir) : undefined
        await workspaceInUse?.query(state => state.seq)()
        damage(dir, block, blocks[(i + 1) % blocks.length] as BlockPointer)
        const workspace = workspaceInUse ?? (await open(dir))
        expect({ i, isInUse, answers: await runCommands(workspace) }).toEqual({ i, isInUse, answers: expected })
        await workspace.close()
        if (i % 10 === 0) expect(await findDifference(dir)).toBe(undefined)
      }
  })

  test('parallel commands are each decided once', async () => {
    const original = await newWorkspaceWithCheckpoint()
    for (const block of selectCases(listBlocks(original), 4)) {
      const dir = copyWorkspace(original, 'all')
      const workspace = await open(dir)
      const before = await workspace.query(countClaimed)()
      damages['zeros overwrite']?.(dir, block, block)
      const claims = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          workspace.runNow({ command: 'claim', worker: `w${i}`, kinds: ['ci', 'docs'] }),
        ),
      )
      const ids = claims.map(claim => (E.isRight(claim) ? claim.right.tasks[0]?.task.id : JSON.stringify(claim.left)))
      expect({ block, different: new Set(ids).size }).toEqual({ block, different: 40 })
      expect(await workspace.query(countClaimed)()).toEqual(E.map((claimedCount: number) => claimedCount + 40)(before))
      await workspace.close()
    }
  })
})
