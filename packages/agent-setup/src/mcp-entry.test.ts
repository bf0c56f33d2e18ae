import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { formatJson, type JsonValue } from './json-text.ts'
import { mcpEntry } from './mcp-entry.ts'

const edit = mcpEntry('.mcp.json', 'mcpServers')
const context = {
  command: { words: ['claimlog'], onPath: true },
  queueFlags: [],
  force: false,
}
const configFile = (claimlog: JsonValue): string => `${formatJson({ mcpServers: { claimlog } })}\n`

describe('an entry named claimlog', () => {
  it.each([
    [{ command: 'my-wrapper', args: ['claimlog', 'mcp'] }],
    [{ url: 'http://127.0.0.1:7777/mcp' }],
    [{ command: 'npx', args: ['other-claimlog', 'mcp'] }],
    [{ command: 'claimlog' }],
    [7],
    [null],
  ])('that setup did not write is reported and kept, and replaced only by force: %j', entry => {
    const text = configFile(entry)
    const userEntry = { entry: 'mcpServers.claimlog', value: JSON.stringify(entry) }
    expect(edit.apply(text, context)).toEqual(E.right({ text, userEntries: [{ ...userEntry, outcome: 'conflict' }] }))
    expect(edit.remove(text)).toEqual(E.right({ text, isCreatedBySetup: false }))
    const replaced = configFile({ command: 'claimlog', args: ['mcp'] })
    expect(edit.apply(text, { ...context, force: true })).toEqual(
      E.right({ text: replaced, userEntries: [{ ...userEntry, outcome: 'replaced' }] }),
    )
  })

  it.each([
    [{ command: '/opt/old/bin/claimlog', args: ['mcp', '--kinds', 'docs'] }],
    [{ command: '/usr/bin/node', args: ['/old/claimlog/bin/claimlog.cjs', 'mcp', '--kinds', 'docs'] }],
  ])('that another installation wrote is updated, and keeps added arguments: %j', entry => {
    const wanted = { command: 'claimlog', args: ['mcp', '--kinds', 'docs'] }
    const edited = edit.apply(configFile(entry), context)
    expect(E.isRight(edited) && JSON.parse(edited.right.text)).toEqual({ mcpServers: { claimlog: wanted } })
    expect(edit.remove(configFile(entry))).toEqual(E.right({ text: '{}\n', isCreatedBySetup: false }))
  })
})
