import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { LogWatch } from '@claimlog/event-log'
import { type Look, waitUntil } from './wait-until.ts'

const still = { open: 1, taskIds: ['a'] }

/** A log that grows when the test calls `grow`; `calls` are the calls of the watch and the checks. */
const growingLog = () => {
  const calls: Array<string> = []
  let grow = (): void => undefined
  const watch = (): LogWatch => {
    calls.push('watch')
    return {
      next: signal => {
        calls.push('next')
        return new Promise(resolve => {
          grow = resolve
          signal.addEventListener('abort', () => resolve())
        })
      },
      close: () => void calls.push('close'),
    }
  }
  return { calls, watch, grow: () => grow() }
}

type Looks = ReadonlyArray<E.Either<string, Look<string>>>

/** A check that returns one of `checks` after the other. */
const lookingAt = (calls: Array<string>, looks: Looks, looked: (count: number) => void = () => undefined) => {
  let count = 0
  return async () => {
    calls.push('look')
    const look = looks[count]
    count += 1
    if (look === undefined) throw new Error('there was one check too many')
    setImmediate(() => looked(count))
    return look
  }
}

const nothingYet = (againInMs?: number): E.Either<string, Look<string>> => E.right({ still, againInMs })
const found: E.Either<string, Look<string>> = E.right({ found: 'it' })

describe('a wait', { timeout: 30_000 }, () => {
  it('starts the watch before its first check, so that it misses nothing, and closes it at the end', async () => {
    const { calls, watch } = growingLog()
    expect(await waitUntil(watch, lookingAt(calls, [found]), {})()).toEqual(E.right('it'))
    expect(calls).toEqual(['watch', 'look', 'close'])
  })

  it('checks again only when the log has grown', async () => {
    const { calls, watch, grow } = growingLog()
    const looks = lookingAt(calls, [nothingYet(), nothingYet(), found], count => count < 3 && grow())
    expect(await waitUntil(watch, looks, {})()).toEqual(E.right('it'))
    expect(calls).toEqual(['watch', 'look', 'next', 'look', 'next', 'look', 'close'])
  })

  it('checks again at the time that the last check returned, though nothing was appended', async () => {
    const { calls, watch } = growingLog()
    const looks = lookingAt(calls, [nothingYet(20), nothingYet(-5), found])
    expect(await waitUntil(watch, looks, {})()).toEqual(E.right('it'))
    expect(calls.filter(call => call === 'look')).toHaveLength(3)
  })

  it('checks one last time when its time is up', async () => {
    // Longer than the machine may delay the first check.
    const waitMs = 1000
    const { calls, watch } = growingLog()
    expect(await waitUntil(watch, lookingAt(calls, [nothingYet(), found]), { waitMs })()).toEqual(E.right('it'))
    const { calls: others, watch: other } = growingLog()
    // Timers may fire a fraction of a millisecond early, and then there is one more check.
    const inVain = await waitUntil(other, lookingAt(others, Array(4).fill(nothingYet())), { waitMs })()
    expect(inVain).toEqual(E.left({ failure: 'WaitTimeout', waitedMs: waitMs, still }))
    expect([others.slice(0, 4), others.slice(-2)]).toEqual([
      ['watch', 'look', 'next', 'look'],
      ['look', 'close'],
    ])
  })

  it('ends with the failure of a check', async () => {
    const { calls, watch } = growingLog()
    expect(await waitUntil(watch, lookingAt(calls, [E.left('broken')]), {})()).toEqual(E.left('broken'))
    expect(calls).toEqual(['watch', 'look', 'close'])
  })

  it('does not check if it was aborted before, and ends at once if it is aborted later', async () => {
    const stop = new AbortController()
    const { calls, watch } = growingLog()
    const looks = lookingAt(calls, [nothingYet()], () => stop.abort('enough'))
    const abandoned = E.left({ failure: 'Aborted', reason: 'enough' })
    expect(await waitUntil(watch, looks, { signal: stop.signal })()).toEqual(abandoned)
    expect(await waitUntil(watch, lookingAt(calls, []), { signal: stop.signal })()).toEqual(abandoned)
    expect(calls).toEqual(['watch', 'look', 'next', 'close', 'watch', 'close'])
  })
})
