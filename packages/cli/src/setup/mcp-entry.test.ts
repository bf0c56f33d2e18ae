import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { jsonText } from './json-text.ts'
import { mcpEntry } from './mcp-entry.ts'

const part = mcpEntry('.mcp.json', 'mcpServers')
const surroundings = {
  command: { words: ['claimlog'], onPath: true },
  namedDir: undefined,
  dirFromProject: '.claimlog',
}
const fileWith = (claimlog: object): string => `${jsonText({ mcpServers: { claimlog } as never })}\n`

describe('an entry of the name claimlog', () => {
  it.each([
    [{ command: 'my-wrapper', args: ['claimlog', 'mcp'] }],
    [{ url: 'http://127.0.0.1:7777/mcp' }],
    [{ command: 'npx', args: ['other-claimlog', 'mcp'] }],
    [{ command: 'claimlog' }],
  ])('that somebody else wrote is named and left, by set-up and by its removal: %j', entry => {
    const text = fileWith(entry)
    expect(part.put(text, surroundings)).toEqual(E.left(expect.stringContaining('mcpServers.claimlog')))
    expect(part.remove(text)).toEqual(E.right({ text, isOwnFile: false }))
  })

  it.each([
    [{ command: '/opt/old/bin/claimlog', args: ['mcp', '--kinds', 'docs'] }],
    [{ command: '/usr/bin/node', args: ['/old/claimlog/bin/claimlog.cjs', 'mcp', '--kinds', 'docs'] }],
  ])('that set-up wrote from another place is brought up to date, with what was added to it: %j', entry => {
    const wanted = { command: 'claimlog', args: ['mcp', '--kinds', 'docs'] }
    const put = part.put(fileWith(entry), surroundings)
    expect(E.isRight(put) && JSON.parse(put.right)).toEqual({ mcpServers: { claimlog: wanted } })
    expect(part.remove(fileWith(entry))).toEqual(E.right({ text: '{}\n', isOwnFile: false }))
  })
})
