import { describe, expect, it, vi } from 'vitest'
import { withSystemError } from '@claimlog/event-log'
import { ClaimlogError } from './claimlog-error.ts'
import type { Failure } from './failure-messages.ts'

const diskError = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
const plain: Failure = {
  failure: 'IoFailed',
  path: '/q/events.jsonl',
  operation: 'write',
  code: 'ENOSPC',
  detail: diskError.message,
}

describe('a ClaimlogError', () => {
  it('has the refusal or failure as data, and the error of the system call as its cause', () => {
    const failure = withSystemError({ ...plain }, diskError)
    const error = new ClaimlogError(failure)
    expect(error).toMatchObject({ name: 'ClaimlogError', error: 'io_failed', data: { code: 'ENOSPC' } })
    expect(error.failure).toBe(failure)
    expect(error.cause).toBe(diskError)
  })

  it('has no cause if no system call failed', () => {
    const error = new ClaimlogError({ error: 'bad_input', detail: 'kind must be a kind' })
    expect(error.failure).toEqual({ error: 'bad_input', detail: 'kind must be a kind' })
    expect('cause' in error).toBe(false)
  })

  it('is recognized if another copy of the package threw it', async () => {
    vi.resetModules()
    const copy = await import('./claimlog-error.ts')
    const error: unknown = new copy.ClaimlogError(plain)
    expect(error).not.toBeInstanceOf(ClaimlogError)
    expect(ClaimlogError.is(error)).toBe(true)
    expect(ClaimlogError.is(error, 'io_failed')).toBe(true)
    expect(ClaimlogError.is(error, 'lease_lost')).toBe(false)
  })

  it.each([undefined, null, 'io_failed', new Error('io_failed'), { error: 'io_failed' }])(
    'is not the same as %o',
    thrown => {
      expect(ClaimlogError.is(thrown)).toBe(false)
    },
  )
})

describe('the system error of a failure', () => {
  it('changes neither its JSON nor a comparison or a copy of it', () => {
    const failure = withSystemError({ ...plain }, diskError)
    expect(JSON.stringify(failure)).toBe(JSON.stringify(plain))
    expect(failure).toStrictEqual(plain)
    expect({ ...failure }).not.toHaveProperty('systemError')
  })
})
