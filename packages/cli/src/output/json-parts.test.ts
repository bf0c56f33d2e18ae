import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toDocument } from '@claimlog/wire'
import { jsonParts } from './output.ts'

it('the parts of a document join to the text of JSON.stringify', () => {
  const data = fc.oneof(
    fc.jsonValue({ maxDepth: 6 }),
    fc.record({
      tasks: fc.array(
        fc.record({ id: fc.string(), leaseUntil: fc.string(), none: fc.constant(undefined), payload: fc.jsonValue() }),
      ),
    }),
    fc.array(fc.option(fc.string({ unit: 'binary' }), { nil: undefined })),
  )
  fc.assert(
    fc.property(data, value => {
      expect([...jsonParts(value)].join('')).toBe(JSON.stringify(toDocument(value), null, 2))
    }),
    { seed: 20_250_101, numRuns: 2000 },
  )
})
