// A program of a user, run with the installed library; throws if a result is unexpected.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ClaimlogError, init, open } from 'claimlog'
import { open as openByTaskEither } from 'claimlog/fp-ts'
import { importFile } from 'claimlog/import'

const queue = await init({ dir: 'queue' })
await queue.add({ kind: 'docs', taskId: 'inspect-docs' })
const { ended, completed } = await queue.worker('docs', ({ task }) => ({ read: task.id }), { until: 'drained' })
deepEqual({ ended, completed }, { ended: 'drained', completed: 1 })
deepEqual((await queue.show('inspect-docs')).task.result, { read: 'inspect-docs' })
await rejects(queue.claim({ worker: 'ann', kinds: ['docs'] }), ClaimlogError)

writeFileSync('TODO.md', '- [ ] Write the docs\n- [x] Read the docs\n')
const planned = await importFile(queue, 'TODO.md', { kind: 'docs', dryRun: true })
deepEqual([planned.dryRun, planned.format, planned.imported], [true, 'markdown', 2])
const { imported, counts } = await importFile(queue, 'TODO.md', { kind: 'docs' })
deepEqual([imported, counts.statuses], [2, { done: 1, ready: 1 }])
equal((await importFile(queue, 'TODO.md', { kind: 'docs' })).unchanged, 2)
await rejects(importFile(queue, 'TODO.md', { from: 'queue' }), { name: 'ClaimlogError', error: 'bad_input' })
await rejects(importFile(queue, 'none.md'), { name: 'ClaimlogError', error: 'io_failed' })
const { completed: written } = await queue.worker('docs', () => undefined, { until: 'drained' })
equal(written, 1)

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

// A program that mixes both module systems has the library once.
const require = createRequire(import.meta.url)
equal(require('claimlog').ClaimlogError, ClaimlogError)
equal(require('claimlog/import').importFile, importFile)
equal(require('claimlog/fp-ts').open, openByTaskEither)

const schema = JSON.parse(readFileSync(require.resolve('claimlog/schemas/event.schema.json'), 'utf8'))
ok('$id' in schema || '$schema' in schema, 'the schema is readable')
