import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TaskView } from '@claimlog/wire'
import { type ToolOutput, answerDocument, errorDocument, answerBytesDefault } from './answer.ts'
import { jsonBytes, truncateToBytes } from './json-size.ts'

const seed = 20_260_728

/** Texts with more bytes than characters, or with more bytes in JSON. */
const texts = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0001', 'ü', '🦑', '\ud800'), maxLength: 6000 })

const tasks: fc.Arbitrary<TaskView> = fc.record(
  {
    id: fc.constant('t'),
    kind: fc.constant('docs'),
    status: fc.constant('ready' as const),
    title: texts,
    payload: fc.oneof(texts, fc.array(texts, { maxLength: 3 })),
    result: texts,
    error: texts,
    needs: fc.array(fc.constant('🦑'.repeat(200)), { maxLength: 40 }),
  },
  { requiredKeys: ['id', 'kind', 'status'] },
)

const answers: fc.Arbitrary<ToolOutput> = fc.record({
  head: fc.constant({ task_id: 't' }),
  taskAndClaim: tasks.map(task => ({ task })),
  list: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 60 }).map(sizes => ({
    name: 'steps',
    items: sizes.map((size, i) => ({ shown: { step: i, text: 'x'.repeat(size) }, cursor: `step:${i}` })),
  })),
  seq: fc.constant(7),
})

describe(`an answer to an agent (seed ${seed})`, () => {
  it('is never longer than its limit, and has a cursor exactly if something is missing', () => {
    fc.assert(
      fc.property(answers, answer => {
        const document = answerDocument(answer, [])
        expect(jsonBytes(document)).toBeLessThanOrEqual(answerBytesDefault)
        const steps = document.steps as ReadonlyArray<unknown>
        const truncatedFields = Object.keys(document.task as object).filter(field => field.endsWith('_start'))
        const missing = steps.length < (answer.list?.items.length ?? 0) || truncatedFields.length > 0
        expect(document.truncated).toBe(missing)
        expect(typeof document.cursor).toBe(missing ? 'string' : 'undefined')
        // The beginning of a list is shown.
        expect(steps).toEqual(answer.list?.items.slice(0, steps.length).map(({ shown }) => shown))
      }),
      { seed, numRuns: 500 },
    )
  })

  it('truncates a long text to a prefix that fits and ends with a complete character', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 4000 }), (text, room) => {
        const start = truncateToBytes(text, room)
        expect(text.startsWith(start)).toBe(true)
        expect(jsonBytes(start)).toBeLessThanOrEqual(Math.max(2, room))
        if (start.length < text.length) expect(start).not.toMatch(/[\ud800-\udbff]$/)
      }),
      { seed, numRuns: 500 },
    )
  })

  it('keeps the message of a refusal even if its data is too long, and truncates long values', () => {
    const path = Array.from({ length: 50 }, (_, i) => `${i}${'b'.repeat(200)}`)
    const problem = { error: 'needs_cycle', message: 'a'.repeat(5000), hint: 'drop one', data: { path } }
    const document = errorDocument(problem, [])
    expect(jsonBytes(document)).toBeLessThan(answerBytesDefault)
    expect(document).toMatchObject({ ok: false, error: 'needs_cycle', hint: 'drop one', truncated: true })
    expect(document).not.toHaveProperty('path')
    const onHold = { error: 'task_held', message: 'no', hint: 'wait', data: { task_id: 't', reason: 'c'.repeat(9000) } }
    expect(errorDocument(onHold, [])).toMatchObject({
      task_id: 't',
      reason: expect.stringMatching(/^c{400,}…$/) as unknown,
      truncated: true,
    })
  })
})
