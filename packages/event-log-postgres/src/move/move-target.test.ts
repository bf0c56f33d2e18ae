import * as E from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'
import { encodeDecision } from '@claimlog/event-log-line'
import type { EventCodec } from '@claimlog/event-log-line'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import { openPostgresLog } from '../postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, sampleCodec } from '../../testing/sample-postgres-log.ts'
import { openPostgresMoveTarget } from './move-target.ts'

const orThrow = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const time = '2026-01-01T00:00:00.000Z'

/** The word `moved:ID` is a move to the log ID. */
const codec: EventCodec<SampleEvent> = {
  encode: event => {
    const [, logId] = /^moved:(.*)$/.exec(event.word) ?? []
    return logId === undefined
      ? sampleCodec.encode(event)
      : JSON.stringify({ seq: event.seq, event: 'moved', target: 'postgres://db', log_id: logId, time })
  },
  decode: json => {
    const { seq, event, log_id: logId } = json as { seq: number; event: string; log_id: string }
    return event === 'moved' ? E.right({ seq, word: `moved:${logId}` }) : sampleCodec.decode(json)
  },
}

/** The lines of one decision with `words`, after line `seq`. */
const encodeWords = (seq: number, hash: string, ...words: ReadonlyArray<string>): ReadonlyArray<string> =>
  orThrow(
    encodeDecision(
      codec,
      words.map((word, i) => ({ seq: seq + 1 + i, word })),
      hash,
    ),
  ).lines

const openTarget = async (location: PostgresLocation) => orThrow(await openPostgresMoveTarget(location, 5000)())

describeEachServer('a log that is moved to a server', getCluster => {
  it('refuses events until it has the line that moves the log to its new id, then continues the same lines', async () => {
    const location = await createSampleWorkspace(getCluster())
    const target = await openTarget(location)
    const { logId: oldId } = orThrow(await target.read())
    const started = orThrow(await target.start())
    expect(started).toMatchObject({ phase: 'started', end: { seq: 0, hash: '' } })
    expect(started.logId).not.toBe(oldId)
    // A move that was killed and is run again must not change an id that the last line of the other log may name.
    expect(orThrow(await target.start()).logId).toBe(started.logId)

    const lines = encodeWords(0, '', 'one', 'two')
    const copied = orThrow(await target.addLines({ seq: 0, hash: '' }, lines)())
    expect(orThrow(await target.addLines({ seq: 0, hash: '' }, lines)())).toEqual(copied)
    expect(E.isLeft(await target.accept(copied)())).toBe(true)
    const log = orThrow(await openPostgresLog({ location, codec })())
    expect(await log.append(2, [{ seq: 3, word: 'early' }])()).toMatchObject(E.left({ failure: 'Moved' }))

    const last = encodeWords(copied.seq, copied.hash, `moved:${started.logId}`)
    const end = orThrow(await target.addLines(copied, last)())
    orThrow(await target.accept(end)())
    orThrow(await target.accept(end)())
    expect(orThrow(await target.read())).toEqual({ phase: 'used', logId: started.logId, end })
    expect(orThrow(await target.contains(copied)())).toBe(true)
    expect(orThrow(await target.contains({ ...copied, hash: 'f'.repeat(32) })())).toBe(false)
    expect(await log.append(3, [{ seq: 4, word: 'late' }])()).toEqual(E.right(undefined))
    const stored: Array<string> = []
    await log.readLines(0, batch => stored.push(...batch))()
    expect(stored.slice(0, 3)).toEqual([...lines, ...last])
    await Promise.all([log.close(), target.close()])
  })

  it('is not started while the log there is in use, and can be once that was moved elsewhere', async () => {
    const location = await createSampleWorkspace(getCluster())
    const target = await openTarget(location)
    const log = orThrow(await openPostgresLog({ location, codec })())
    orThrow(await log.append(0, [{ seq: 1, word: 'one' }])())
    expect(orThrow(await target.start())).toMatchObject({ phase: 'used' })
    orThrow(await log.append(1, [{ seq: 2, word: 'moved:0d9c7a52-6a0e-4f0e-9c1b-2f6f3c8e1a11' }])())
    expect(orThrow(await target.start())).toMatchObject({ phase: 'started', end: { seq: 2 } })
    await Promise.all([log.close(), target.close()])
  })

  it('gets no line that does not follow the last one', async () => {
    const target = await openTarget(await createSampleWorkspace(getCluster()))
    orThrow(await target.start())
    const end = orThrow(await target.addLines({ seq: 0, hash: '' }, encodeWords(0, '', 'one'))())
    const [other = ''] = encodeWords(1, 'f'.repeat(32), 'two')
    expect(E.isLeft(await target.addLines(end, [other])())).toBe(true)
    expect(E.isLeft(await target.addLines({ seq: 1, hash: 'f'.repeat(32) }, [other])())).toBe(true)
    expect(E.isLeft(await target.addLines(end, encodeWords(1, end.hash, 'two', 'three').slice(0, 1))())).toBe(true)
    expect(orThrow(await target.read()).end).toEqual(end)
    await target.close()
  })
})
