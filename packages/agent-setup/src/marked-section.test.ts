import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { markdownComment, putSection, removeSection } from './marked-section.ts'

/** The random cases are the same in every run. */
const seed = 20_261_129

const put = (text: string | undefined, body = 'a\n\nb', sharer = 'codex'): string => {
  const edited = putSection(text, markdownComment, body, sharer)
  if (E.isLeft(edited)) throw new Error(edited.left)
  return edited.right
}

const remove = (text: string, sharer = 'codex'): string => {
  const edited = removeSection(text, markdownComment, sharer)
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
    expect(put('# Title\n')).toBe('# Title\n\n<!-- claimlog:begin (codex) -->\na\n\nb\n<!-- claimlog:end -->\n')
    fc.assert(
      fc.property(markdown, text => {
        expect(remove(put(text))).toBe(text)
      }),
      { seed, numRuns: 500 },
    )
  })

  it(`is not written twice, and is updated in place (seed ${seed})`, () => {
    fc.assert(
      fc.property(markdown, markdown, (before, after) => {
        const there = `${put(before)}\n${after}`
        expect(put(there)).toBe(there)
        const changed = put(there, 'c')
        expect(changed).toBe(there.replace(/a\r?\n\r?\nb/, 'c'))
        expect(put(changed)).toBe(there)
      }),
      { seed },
    )
  })

  it('is removed from between other text, with its empty line', () => {
    expect(remove(`${put('one\n')}two\n`)).toBe('one\ntwo\n')
  })

  it('is shared by the agents that read the file, and is removed with the last of them', () => {
    const shared = put(put('text\n'), 'a\n\nb', 'cursor')
    expect(shared).toBe('text\n\n<!-- claimlog:begin (codex, cursor) -->\na\n\nb\n<!-- claimlog:end -->\n')
    expect(remove(shared, 'vscode')).toBe(shared)
    expect(remove(shared, 'cursor')).toBe(put('text\n'))
    expect(remove(remove(shared, 'codex'), 'cursor')).toBe('text\n')
  })

  it('records that setup created the file, which is then deleted if it has no other content', () => {
    const own = put(undefined)
    expect(own).toBe('<!-- claimlog:begin (codex), file created by setup -->\na\n\nb\n<!-- claimlog:end -->\n')
    const removed = (text: string) => removeSection(text, markdownComment, 'codex')
    expect(removed(own)).toEqual(E.right({ text: '', isOwnFile: true }))
    expect(removed(put(own, 'c'))).toEqual(E.right({ text: '', isOwnFile: true }))
    expect(removed(`${own}mine\n`)).toEqual(E.right({ text: 'mine\n', isOwnFile: false }))
    expect(removed(put(''))).toEqual(E.right({ text: '', isOwnFile: false }))
    const shared = put(own, 'a\n\nb', 'cursor')
    expect(remove(shared, 'codex')).toBe(own.replace('codex', 'cursor'))
    expect(remove(shared, 'cursor')).toBe(own)
  })

  it('is recognised without names of agents', () => {
    expect(put('<!-- claimlog:begin -->\n<!-- claimlog:end -->')).toBe(
      '<!-- claimlog:begin (codex) -->\na\n\nb\n<!-- claimlog:end -->',
    )
  })

  it.each([
    ['<!-- claimlog:begin -->\n', 'line 1 has claimlog:begin, but there is no claimlog:end'],
    ['a\n<!-- claimlog:end -->\n', 'line 2 has claimlog:end, but there is no claimlog:begin'],
    ['<!-- claimlog:end -->\n<!-- claimlog:begin -->', 'line 1 has claimlog:end, before claimlog:begin in line 2'],
    [`${put('')}${put('')}`, 'line 6 has a second claimlog:begin'],
    [`${put('')}<!-- claimlog:end -->`, 'line 6 has a second claimlog:end'],
  ])('is refused if its markers are not a pair: %j', (text, problem) => {
    expect(putSection(text, markdownComment, 'a', 'codex')).toEqual(E.left(problem))
    expect(removeSection(text, markdownComment, 'codex')).toEqual(E.left(problem))
  })
})
