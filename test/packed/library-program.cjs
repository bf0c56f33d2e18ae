// A CommonJS program of a user, run with the installed library; throws if a result is unexpected.
'use strict'

const { deepEqual, equal, rejects } = require('node:assert/strict')
const { ClaimlogError, init } = require('claimlog')
const { open } = require('claimlog/fp-ts')
const { importFile } = require('claimlog/import')

const main = async () => {
  const queue = await init({ dir: 'queue-of-commonjs' })
  await queue.add({ kind: 'docs', taskId: 'inspect-docs' })
  const { task, claim } = await queue.claim({ worker: 'ann', kinds: ['docs'] })
  await queue.complete({ worker: 'ann', taskId: task.id, token: claim.token, result: { pages: 12 } })
  deepEqual((await queue.show('inspect-docs')).task.result, { pages: 12 })
  await rejects(importFile(queue, 'none.md'), thrown => ClaimlogError.is(thrown, 'io_failed'))
  await queue.close()

  const { right: byTaskEither } = await open({ dir: 'queue-of-commonjs' })()
  equal((await byTaskEither.claim({ worker: 'bob', kinds: ['docs'] })()).left.error, 'no_ready_task')
  await byTaskEither.close()
}

void main()
