import { describe, expect, it } from 'vitest'
import { findImports } from './instruction-file.ts'

describe('the imports of an instruction file', () => {
  it.each([
    ['@AGENTS.md', ['AGENTS.md']],
    ['# a\r\n\r\nSee @./AGENTS.md, and @docs/git.md.\r\n', ['./AGENTS.md', 'docs/git.md']],
    ['- (@../AGENTS.md)\n- **@a.md**', ['../AGENTS.md']],
    ['@~/mine.md @', []],
    ['ann@AGENTS.md and `@AGENTS.md`, ``a ` @b``', []],
    ['```\n@AGENTS.md\n```\n~~~~ md\n@a\n~~~\n@b\n~~~~\n@c', ['c']],
    ['```` \n```\n@AGENTS.md', []],
    ['<!-- @AGENTS.md -->\n<!--\n@b\n--> @c', ['c']],
  ])('start with an @ outside code and comments: %j', (text, files) => {
    expect(findImports(text)).toEqual(files)
  })
})
