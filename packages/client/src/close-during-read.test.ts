import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it, onTestFinished } from 'vitest'
import { type Event, lineCodec } from '@claimlog/domain'
import { type Disk, openFileLog, realDisk } from '@claimlog/event-log-file'
import { init } from './index.ts'
import { openWorkspace } from '@claimlog/workspace'
import { type TaskEitherQueue, taskEitherQueue } from './task-either-queue.ts'

const tasks = 60
const payload = 'x'.repeat(200_000)

/** Creates a log of 12 MB, which is read in some fifty chunks. */
const largeLog = async (): Promise<string> => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-closing-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const queue = await init({ dir: join(dir, 'queue'), durability: 'os' })
  for (let n = 0; n < tasks; n += 1) await queue.add({ kind: 'docs', taskId: `t${n}`, payload })
  await queue.close()
  return join(dir, 'queue')
}

const pieceMs = 40
const parkBuffer = new Int32Array(new SharedArrayBuffer(4))

/** A disk so slow that reading the log takes longer than closing waits for a call; `calls` counts the reads. */
const slowDisk = (): { readonly disk: Disk; readonly calls: () => number } => {
  let calls = 0
  const read: Disk['read'] = (...args) => {
    calls += 1
    Atomics.wait(parkBuffer, 0, 0, pieceMs)
    return realDisk.read(...args)
  }
  return { disk: { ...realDisk, read }, calls: () => calls }
}

const readErrorCode = async (call: Promise<E.Either<object, unknown>>): Promise<unknown> => {
  const result = await call
  if (E.isRight(result)) return 'answered'
  const { failure, error } = result.left as { failure?: string; error?: string }
  return failure ?? error
}

const countEvents = async (queue: TaskEitherQueue): Promise<number> => {
  let count = 0
  for await (const event of queue.follow()) if (E.isRight(event)) count += 1
  return count
}

it('closing a queue during the first read of a long log aborts every call, and no more is read', async () => {
  const dir = await largeLog()
  const { disk, calls } = slowDisk()
  const log = await openFileLog<Event>({ dir, codec: lineCodec, disk })()
  if (E.isLeft(log)) throw new Error('the log could not be opened')
  const queue = taskEitherQueue({ _tag: 'directory', dir }, openWorkspace({ log: log.right }), 'ann')
  const errorCodes = [
    queue.list()(),
    queue.add({ kind: 'docs', taskId: 'late' })(),
    queue.status({ at: { seq: 2 } })(),
    queue.diff({ seq: 1 })(),
    queue.trace('t1')(),
    queue.claim({ worker: 'ann', kinds: ['docs'], wait: true })(),
    queue.waitFor(['t1'], { wait: true })(),
    queue.waitUntilEmpty([], { wait: true })(),
  ].map(readErrorCode)
  const eventCount = countEvents(queue)
  await new Promise(resolve => setTimeout(resolve, pieceMs))
  await queue.close()
  const callsAfterClose = calls()
  expect(await Promise.all(errorCodes)).toEqual(Array(errorCodes.length).fill('Closed'))
  expect(await eventCount).toBeLessThan(tasks)
  await new Promise(resolve => setTimeout(resolve, 5 * pieceMs))
  expect(calls()).toBe(callsAfterClose)
})
