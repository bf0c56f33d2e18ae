import { expect, it } from 'vitest'
import { idsByPrefix } from './table.ts'

const ids = ['docs-2', 'ci-1', 'docs-10', 'docs-1', 'docs-1', 'docs-30', 'Docs-1']

it('returns the ids that begin with a prefix, sorted and without duplicates', () => {
  expect(idsByPrefix(ids, 'docs-', 10)).toEqual(['docs-1', 'docs-10', 'docs-2', 'docs-30'])
  expect(idsByPrefix(ids, '', 10)).toEqual(['Docs-1', 'ci-1', 'docs-1', 'docs-10', 'docs-2', 'docs-30'])
  expect(idsByPrefix(ids, 'docs-3', 10)).toEqual(['docs-30'])
  expect(idsByPrefix(ids, 'x', 10)).toEqual([])
})

it('includes the last id if there are too many, so that the common prefix is that of all ids', () => {
  expect(idsByPrefix(ids, 'docs-', 3)).toEqual(['docs-1', 'docs-10', 'docs-30'])
  expect(idsByPrefix(ids, 'docs-', 2)).toEqual(['docs-1', 'docs-30'])
})
