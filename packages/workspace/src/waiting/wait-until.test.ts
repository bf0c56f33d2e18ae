import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { LogWatch } from '@claimlog/event-log'
import { type WaitCheck, waitUntil } from './wait-until.ts'

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

type CheckResults = ReadonlyArray<E.Either<string, WaitCheck<string>>>

/** A check that returns one of `checks` after the other. */
const scriptedCheck = (
  calls: Array<string>,
  checks: CheckResults,
  onCheck: (count: number) => void = () => undefined,
) => {
  let count = 0
  return async () => {
    calls.push('check')
    const check = checks[count]
    count += 1
    if (check === undefined) throw new Error('there was one check too many')
    setImmediate(() => onCheck(count))
    return check
  }
}

const pending = (recheckMs?: number): E.Either<string, WaitCheck<string>> => E.right({ still, recheckMs })
const success: E.Either<string, WaitCheck<string>> = E.right({ value: 'it' })

describe('a wait', { timeout: 30_000 }, () => {
  it('starts the watch before its first check, so that it misses nothing, and closes it at the end', async () => {
    const { calls, watch } = growingLog()
    expect(await waitUntil(watch, scriptedCheck(calls, [success]), {})()).toEqual(E.right('it'))
    expect(calls).toEqual(['watch', 'check', 'close'])
  })

  it('checks again only when the log has grown', async () => {
    const { calls, watch, grow } = growingLog()
    const checks = scriptedCheck(calls, [pending(), pending(), success], count => count < 3 && grow())
    expect(await waitUntil(watch, checks, {})()).toEqual(E.right('it'))
    expect(calls).toEqual(['watch', 'check', 'next', 'check', 'next', 'check', 'close'])
  })

  it('checks again at the time that the last check returned, though nothing was appended', async () => {
    const { calls, watch } = growingLog()
    const checks = scriptedCheck(calls, [pending(20), pending(-5), success])
    expect(await waitUntil(watch, checks, {})()).toEqual(E.right('it'))
    expect(calls.filter(call => call === 'check')).toHaveLength(3)
  })

  it('checks one last time when its time is up', async () => {
    // Longer than the machine may delay the first check.
    const waitMs = 1000
    const { calls, watch } = growingLog()
    expect(await waitUntil(watch, scriptedCheck(calls, [pending(), success]), { waitMs })()).toEqual(E.right('it'))
    const { calls: otherCalls, watch: otherWatch } = growingLog()
    // Timers may fire a fraction of a millisecond early, and then there is one more check.
    const timedOut = await waitUntil(otherWatch, scriptedCheck(otherCalls, Array(4).fill(pending())), { waitMs })()
    expect(timedOut).toEqual(E.left({ failure: 'WaitTimeout', waitedMs: waitMs, still }))
    expect([otherCalls.slice(0, 4), otherCalls.slice(-2)]).toEqual([
      ['watch', 'check', 'next', 'check'],
      ['check', 'close'],
    ])
  })

  it('ends with the failure of a check', async () => {
    const { calls, watch } = growingLog()
    expect(await waitUntil(watch, scriptedCheck(calls, [E.left('broken')]), {})()).toEqual(E.left('broken'))
    expect(calls).toEqual(['watch', 'check', 'close'])
  })

  it('does not check if it was aborted before, and ends at once if it is aborted later', async () => {
    const stop = new AbortController()
    const { calls, watch } = growingLog()
    const checks = scriptedCheck(calls, [pending()], () => stop.abort('enough'))
    const abandoned = E.left({ failure: 'Aborted', reason: 'enough' })
    expect(await waitUntil(watch, checks, { signal: stop.signal })()).toEqual(abandoned)
    expect(await waitUntil(watch, scriptedCheck(calls, []), { signal: stop.signal })()).toEqual(abandoned)
    expect(calls).toEqual(['watch', 'check', 'next', 'close', 'watch', 'close'])
  })
})
