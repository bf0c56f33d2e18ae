// A program of a user, run with the installed library; throws if a result is unexpected.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { ClaimlogError, init, open } from 'claimlog'
import { open as openByTaskEither } from 'claimlog/fp-ts'

const queue = await init({ dir: 'queue' })
await queue.add({ kind: 'docs', taskId: 'inspect-docs' })
const { ended, completed } = await queue.worker('docs', ({ task }) => ({ read: task.id }), { until: 'drained' })
deepEqual({ ended, completed }, { ended: 'drained', completed: 1 })
deepEqual((await queue.show('inspect-docs')).task.result, { read: 'inspect-docs' })
await rejects(queue.claim({ worker: 'ann', kinds: ['docs'] }), ClaimlogError)

// More events than the library allows before it writes a checkpoint.
await queue.addMany(Array.from({ length: 5200 }, () => ({ kind: 'ci' })))
await queue.close()
ok(existsSync('queue/derived/checkpoint.stamp'), 'there is a checkpoint')

const reopened = await open({ dir: 'queue' })
equal((await reopened.claim({ worker: 'ann', kinds: ['ci'] })).claim.attempt, 1)
ok((await reopened.trace('inspect-docs')).steps.length > 0)
await reopened.close()

const { right: byTaskEither } = await openByTaskEither({ dir: 'queue' })()
equal((await byTaskEither.claim({ worker: 'bob', kinds: ['docs'] })()).left.error, 'no_ready_task')
await byTaskEither.close()
