import { expect, it } from 'vitest'
import { idsWith } from './table.ts'

const ids = ['docs-2', 'ci-1', 'docs-10', 'docs-1', 'docs-1', 'docs-30', 'Docs-1']

it('the ids that begin with a prefix come once each and in order', () => {
  expect(idsWith(ids, 'docs-', 10)).toEqual(['docs-1', 'docs-10', 'docs-2', 'docs-30'])
  expect(idsWith(ids, '', 10)).toEqual(['Docs-1', 'ci-1', 'docs-1', 'docs-10', 'docs-2', 'docs-30'])
  expect(idsWith(ids, 'docs-3', 10)).toEqual(['docs-30'])
  expect(idsWith(ids, 'x', 10)).toEqual([])
})

it('of more ids than are asked for the last comes too, so that what they begin with is what all begin with', () => {
  expect(idsWith(ids, 'docs-', 3)).toEqual(['docs-1', 'docs-10', 'docs-30'])
  expect(idsWith(ids, 'docs-', 2)).toEqual(['docs-1', 'docs-30'])
})
