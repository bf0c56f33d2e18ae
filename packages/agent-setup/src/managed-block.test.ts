import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { markdownComment, putBlock, removeBlock } from './managed-block.ts'

/** The random cases are the same in every run. */
const seed = 20_261_129

const applyBlock = (text: string | undefined, body = 'a\n\nb', sharer = 'codex'): string => {
  const edited = putBlock(text, markdownComment, body, sharer)
  if (E.isLeft(edited)) throw new Error(edited.left)
  return edited.right
}

const remove = (text: string, sharer = 'codex'): string => {
  const edited = removeBlock(text, markdownComment, sharer)
  if (E.isLeft(edited)) throw new Error(edited.left)
  return edited.right.text
}

const markdown = fc
  .record({
    lines: fc.array(fc.constantFrom('', '# Title', 'text', '```', '  - item', '<!-- a remark -->', 'über')),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.boolean(),
  })
  .map(({ lines, eol, end }) => lines.join(eol) + (end ? eol : ''))

describe('a managed block', () => {
  it(`is appended after an empty line, and can be reverted byte for byte (seed ${seed})`, () => {
    expect(applyBlock('# Title\n')).toBe('# Title\n\n<!-- claimlog:begin (codex) -->\na\n\nb\n<!-- claimlog:end -->\n')
    fc.assert(
      fc.property(markdown, text => {
        expect(remove(applyBlock(text))).toBe(text)
      }),
      { seed, numRuns: 500 },
    )
  })

  it(`is not written twice, and is updated in place (seed ${seed})`, () => {
    fc.assert(
      fc.property(markdown, markdown, (before, after) => {
        const edited = `${applyBlock(before)}\n${after}`
        expect(applyBlock(edited)).toBe(edited)
        const changed = applyBlock(edited, 'c')
        expect(changed).toBe(edited.replace(/a\r?\n\r?\nb/, 'c'))
        expect(applyBlock(changed)).toBe(edited)
      }),
      { seed },
    )
  })

  it('is removed from between other text, with its empty line', () => {
    expect(remove(`${applyBlock('one\n')}two\n`)).toBe('one\ntwo\n')
  })

  it('is shared by the agents that read the file, and is removed with the last of them', () => {
    const shared = applyBlock(applyBlock('text\n'), 'a\n\nb', 'cursor')
    expect(shared).toBe('text\n\n<!-- claimlog:begin (codex, cursor) -->\na\n\nb\n<!-- claimlog:end -->\n')
    expect(remove(shared, 'vscode')).toBe(shared)
    expect(remove(shared, 'cursor')).toBe(applyBlock('text\n'))
    expect(remove(remove(shared, 'codex'), 'cursor')).toBe('text\n')
  })

  it('records that setup created the file, which is then deleted if it has no other content', () => {
    const created = applyBlock(undefined)
    expect(created).toBe('<!-- claimlog:begin (codex), file created by setup -->\na\n\nb\n<!-- claimlog:end -->\n')
    const removeResult = (text: string) => removeBlock(text, markdownComment, 'codex')
    expect(removeResult(created)).toEqual(E.right({ text: '', isCreatedBySetup: true }))
    expect(removeResult(applyBlock(created, 'c'))).toEqual(E.right({ text: '', isCreatedBySetup: true }))
    expect(removeResult(`${created}mine\n`)).toEqual(E.right({ text: 'mine\n', isCreatedBySetup: false }))
    expect(removeResult(applyBlock(''))).toEqual(E.right({ text: '', isCreatedBySetup: false }))
    const shared = applyBlock(created, 'a\n\nb', 'cursor')
    expect(remove(shared, 'codex')).toBe(created.replace('codex', 'cursor'))
    expect(remove(shared, 'cursor')).toBe(created)
  })

  it('is recognised without names of agents', () => {
    expect(applyBlock('<!-- claimlog:begin -->\n<!-- claimlog:end -->')).toBe(
      '<!-- claimlog:begin (codex) -->\na\n\nb\n<!-- claimlog:end -->',
    )
  })

  it.each([
    ['<!-- claimlog:begin -->\n', 'line 1 has claimlog:begin, but there is no claimlog:end'],
    ['a\n<!-- claimlog:end -->\n', 'line 2 has claimlog:end, but there is no claimlog:begin'],
    ['<!-- claimlog:end -->\n<!-- claimlog:begin -->', 'line 1 has claimlog:end, before claimlog:begin in line 2'],
    [`${applyBlock('')}${applyBlock('')}`, 'line 6 has a second claimlog:begin'],
    [`${applyBlock('')}<!-- claimlog:end -->`, 'line 6 has a second claimlog:end'],
  ])('is refused if its markers are not a pair: %j', (text, problem) => {
    expect(putBlock(text, markdownComment, 'a', 'codex')).toEqual(E.left(problem))
    expect(removeBlock(text, markdownComment, 'codex')).toEqual(E.left(problem))
  })
})
