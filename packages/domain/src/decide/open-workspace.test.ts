import { describe, it } from 'vitest'
import { add, added, at, claim, given, opened, workspaceId } from '../../testing/decider-specification.ts'

const open = { command: 'open', workspace: workspaceId } as const

describe('opening a workspace', () => {
  it('writes line 1 of the log, with default leases of 15 minutes and 3 attempts', () => {
    given()
      .when(open, 0)
      .then(at(0, opened({ leaseMs: 900_000, maxAttempts: 3, backoff: { firstMs: 10_000, maxMs: 3_600_000 } })))
  })

  it('takes the defaults of its tasks from the command', () => {
    const settings = { leaseMs: 1000, maxAttempts: 7, backoff: { firstMs: 1, maxMs: 2 }, by: 'ops', requestId: 'r-1' }
    given()
      .when({ ...open, ...settings }, 0)
      .then(at(0, opened(settings)))
  })

  it('leaves an existing workspace as it is', () => {
    given(at(0, opened(), added('t', 'docs')))
      .when({ ...open, workspace: 'another', maxAttempts: 9 }, 1)
      .thenNothing({ taskIds: [], seq: 1 })
  })

  it('is required before any other command', () => {
    given()
      .when(add({ kind: 'docs' }), 0)
      .thenRefused({ error: 'no_workspace' })
    given().when(claim('ann'), 0).thenRefused({ error: 'no_workspace' })
  })
})
