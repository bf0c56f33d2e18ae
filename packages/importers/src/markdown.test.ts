import { describe, expect, it } from 'vitest'
import { fixture, readWarnings, readError, readValid, readTasks } from '../testing/imported-file.ts'

const readIds = (text: string) => readTasks(text, { from: 'markdown' }).map(({ task }) => task.taskId)

describe('a Markdown checklist', () => {
  it('is detected by its items; an item depends on the items nested in it', () => {
    const read = readValid(fixture('checklist.md'))
    expect(read.format).toBe('markdown')
    expect(read.tasks.map(({ task, importedState }) => [task.taskId, importedState.status, task.needs ?? []])).toEqual([
      ['draw-the-plan-of-the-beds', 'done', []],
      ['dig', 'ready', ['bed-north', 'bed-south']],
      ['bed-north', 'done', []],
      ['bed-south', 'ready', ['find-the-pipe-first']],
      ['find-the-pipe-first', 'ready', []],
      ['seeds', 'ready', []],
      ['order-the-tools', 'ready', []],
      ['order-the-seeds', 'ready', []],
    ])
    expect(read.tasks[3]?.task).toEqual({
      taskId: 'bed-south',
      kind: 'task',
      title: 'Bed south',
      needs: ['find-the-pipe-first'],
      payload: { details: 'Mind the water pipe, it lies 30 cm deep.' },
    })
    expect(read.tasks[6]?.task.title).toBe('Order the [tools](https://example.org/tools)')
    expect(readWarnings(fixture('checklist.md'))).toEqual([['item', '[-]', 1, ['line 22']]])
  })

  it('gives the same tasks with CRLF and a byte order mark', () => {
    const text = fixture('checklist.md')
    expect(readTasks(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(readTasks(text))
  })

  it('names an item after its text, so that moving or checking it keeps the name', () => {
    expect(readIds('- [ ] Ship *it*!\n- [x] Ünïcode: 日本語\n- [ ] 🚀\n')).toEqual([
      'ship-it',
      'ünïcode-日本語',
      'item',
    ])
    expect(readIds('# Done\n\n1. [x] ship IT')).toEqual(['ship-it'])
    expect(readIds('- [ ] a\n- [ ] a\n- [ ] b {#a}\n- [ ] a-2')).toEqual(['a-2', 'a-3', 'a', 'a-2-2'])
    expect(readIds(`- [ ] ${'word '.repeat(40)}`)).toEqual(['word-'.repeat(12).slice(0, -1)])
  })

  it('is refused if two items have the same id', () => {
    expect(readError('- [ ] b {#a}\n\n- [ ] c ^a')).toBe('line 3: "a" is already at line 1, with different content')
  })

  it.each([
    ['- [ ] a', ['a']],
    ['* [X] a', ['a']],
    ['+ [ ] a', ['a']],
    ['12) [ ] a', ['a']],
    ['> - [ ] a', ['a']],
    ['- [ ] a\n  over two lines', ['a-over-two-lines']],
    ['- plain\n  - [ ] a', ['a']],
  ])("has GitHub's items: %j", (text, ids) => {
    expect(readIds(text)).toEqual(ids)
  })

  it.each(['- a', '- [a](b)', '-[ ] a', '- [ ]a', '- [ ]', '```\n- [ ] a\n```', '    - [ ] a', '<!-- - [ ] a -->', ''])(
    'has no item in %j',
    text => {
      expect(readError(text, { from: 'markdown' })).toBe(
        'as a Markdown checklist: it has no checklist items; an item is written `- [ ] text`',
      )
    },
  )

  it('is read quickly or refused, however deeply it is nested', () => {
    const levels = Array.from({ length: 150 }, (_, level) => `${'  '.repeat(level)}- [ ] x${level}`).join('\n')
    expect(readError(levels)).toBe('line 101 is nested too deeply: its text begins after column 200')
    expect(readError(`- [ ] a\n${'- '.repeat(5000)}[ ] b`)).toMatch(/^line 2 is nested too deeply/)
    expect(readError(`- [ ] a\n${'>'.repeat(5000)} b`)).toMatch(/^line 2 is nested too deeply/)
    expect(readIds(`- [ ] ${'*a '.repeat(20_000)}${' a*'.repeat(20_000)}`).length).toBe(1)
    expect(readIds(`- [ ] ${'['.repeat(50_000)}`).length).toBe(1)
  })
})
