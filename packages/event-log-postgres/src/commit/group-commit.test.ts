import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { expect, it, onTestFinished } from 'vitest'
import type { Fold } from '@claimlog/event-log'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { startFaultProxy } from '../../testing/fault-proxy/fault-proxy.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'

/** A fold that keeps the words, and can apply some of them provisionally. */
const wordFold = (): Fold<SampleEvent> & { readonly words: Array<string> } => {
  const words: Array<string> = []
  return {
    words,
    get seq() {
      return words.length
    },
    apply: events => void words.push(...events.map(({ word }) => word)),
    applyProvisionally: () => {
      const { length } = words
      return () => void words.splice(length)
    },
  }
}

const countAppends = async (location: PostgresLocation): Promise<number> => {
  const [row] = await runSql(
    location,
    `SELECT count(DISTINCT append_id) AS appends FROM claimlog.events
      WHERE workspace = (SELECT id FROM claimlog.workspaces WHERE name = $1)`,
    [location.workspace],
  )
  return Number(row?.['appends'])
}

describeEachServer('a group commit', getCluster => {
  it('appends decisions that are submitted together at once, each made on top of the one before it', async () => {
    const location = await createSampleWorkspace(getCluster())
    const log = await openSampleLog(location)
    const fold = wordFold()
    const add = (word: string) =>
      log.transact(
        fold,
        () => E.right({ events: [{ seq: fold.seq + 1, word: `${word} after ${fold.words.at(-1) ?? 'nothing'}` }] }),
        () => fold.words.at(-1),
      )()
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(add))
    const expected = ['a after nothing', 'b after a after nothing', 'c after b after a after nothing']
    expect(answers.slice(0, 3)).toEqual(expected.map(word => E.right(word)))
    expect(fold.words.length).toBe(4)
    expect(await countAppends(location)).toBe(1)
    await log.close()
  })

  it('makes all of its decisions again if another log was faster, and none of the first ones shows', async () => {
    const location = await createSampleWorkspace(getCluster())
    const [log, other] = [await openSampleLog(location), await openSampleLog(location)]
    const fold = wordFold()
    await log.transact(
      fold,
      () => E.right({ events: [{ seq: 1, word: 'first' }] }),
      () => undefined,
    )()
    expect(await other.append(1, [{ seq: 2, word: 'other' }])()).toEqual(E.right(undefined))
    const seen: Array<string> = []
    const decide = (word: string) => (): E.Either<'taken', { readonly events: ReadonlyArray<SampleEvent> }> => {
      seen.push(`${word} at ${fold.seq}`)
      return fold.words.includes(word) ? E.left('taken') : E.right({ events: [{ seq: fold.seq + 1, word }] })
    }
    const answers = await Promise.all(['x', 'y', 'x'].map(word => log.transact(fold, decide(word), () => fold.seq)()))
    expect(answers).toEqual([E.right(3), E.right(4), E.left('taken')])
    expect(seen).toEqual(['x at 1', 'y at 2', 'x at 3', 'x at 2', 'y at 3', 'x at 4'])
    expect(fold.words).toEqual(['first', 'other', 'x', 'y'])
    await Promise.all([log.close(), other.close()])
  })

  it('gives up each call at its own deadline while the server is out of reach', async () => {
    const location = await createSampleWorkspace(getCluster())
    const proxy = await startFaultProxy(getCluster())
    onTestFinished(proxy.dispose)
    const hosts = [{ host: '127.0.0.1', port: proxy.port }]
    const log = await openSampleLog({ ...location, hosts }, { lockTimeoutMs: 4000 })
    const fold = wordFold()
    const add = (word: string) =>
      log.transact(
        fold,
        () => E.right({ events: [{ seq: fold.seq + 1, word }] }),
        () => fold.seq,
      )()
    proxy.refuse()
    proxy.cutAll()
    const unreachable = { left: { failure: 'Unreachable' } }
    const first = add('first')
    await sleep(500)
    const second = add('second')
    await sleep(2000)
    const third = add('third')
    expect(await first).toMatchObject({ _tag: 'Left' })
    // The second and the third are one batch now.
    expect(await second).toMatchObject(unreachable)
    await proxy.accept()
    expect(await third).toEqual(E.right(1))
    expect(fold.words).toEqual(['third'])
    await log.close()
  })
})
