import { renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, test } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { hashAfter } from '../support/log/log-chain.ts'
import { protocols, startAgent } from '../support/mcp-agent.ts'
import { startWaiting } from '../support/waiting-command.ts'

/** A queue whose only task is due in a day, and a valid log of the same length with another title in the last line. */
const waitingWorkspace = async (): Promise<{ readonly workspace: CliWorkspace; readonly other: string }> => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'one', '--in', '1d', '--title', 'this'])
  const [first = '', last = ''] = workspace.text('events.jsonl').trimEnd().split('\n')
  const { hash } = JSON.parse(first) as { readonly hash: string }
  const open = last.replace('this', 'that').replace(/,"hash":.*$/, '}')
  return { workspace, other: `${first}\n${open.slice(0, -1)},"hash":"${hashAfter(hash, open)}"}\n` }
}

const inPlace = ({ dir }: CliWorkspace, text: string): void => {
  const path = join(dir, 'events.jsonl')
  writeFileSync(path, text, { flag: 'r+' })
  truncateSync(path, text.length)
}

const waitingCommands: ReadonlyArray<ReadonlyArray<string>> = [
  ['tail', '-f', '--json'],
  ['status', '--watch', '--json'],
  ['wait', 'one'],
  ['wait', '--empty', 'docs'],
  ['claim', 'ann', 'docs', '--wait', '1h'],
  ['work', 'ann', 'docs', '--json', '--', 'true'],
]

const replacements: ReadonlyArray<readonly [string, (workspace: CliWorkspace, other: string) => void]> = [
  ['is overwritten with the same length', (workspace, other) => inPlace(workspace, other)],
  ['is rolled back by one line', (workspace, other) => inPlace(workspace, `${other.split('\n')[0] ?? ''}\n`)],
  [
    'is replaced by another file of the same length',
    ({ dir }, other) => {
      writeFileSync(join(dir, 'new'), other)
      renameSync(join(dir, 'new'), join(dir, 'events.jsonl'))
    },
  ],
]

describe.each(replacements)('a log that %s', (_what, replace) => {
  it('ends every command that watches it, with history_changed', async () => {
    for (const words of waitingCommands) {
      const { workspace, other } = await waitingWorkspace()
      const waiting = startWaiting(workspace.cwd, words)
      await waiting.waits()
      replace(workspace, other)
      const { status, stdout, stderr } = await waiting.finished
      expect({ words, status, said: /history_changed/.test(`${stdout}${stderr}`) }).toEqual({
        words,
        status: 7,
        said: true,
      })
    }
  })

  it.each(protocols)(
    'notifies an agent that subscribes with protocol %s, and reading the status fails with history_changed',
    async protocol => {
      const { workspace, other } = await waitingWorkspace()
      const history = workspace.text('events.jsonl')
      const agent = await startAgent({ ...workspace, protocol })
      await agent.call('list_tasks')
      const heard = (): Promise<string> =>
        new Promise(resolve => {
          agent.client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri))
        })
      const uri = 'claimlog://status'
      if (protocol === '2026-07-28') await agent.client.listen({ resourceSubscriptions: [uri] })
      else await agent.client.subscribeResource({ uri })
      await sleep(200)
      const broken = heard()
      replace(workspace, other)
      expect(await broken).toBe(uri)
      await expect(agent.client.readResource({ uri })).rejects.toMatchObject({ data: { error: 'history_changed' } })
      expect(await agent.call('list_tasks')).toMatchObject({ ok: false, error: 'history_changed' })
      const mended = heard()
      inPlace(workspace, history)
      expect(await mended).toBe(uri)
      expect(await agent.call('list_tasks')).toMatchObject({ ok: true })
      const grown = heard()
      await workspace.done(['add', 'docs', 'two'])
      expect(await grown).toBe(uri)
    },
  )
})

test('a log that is deleted or moved ends every command that watches it, without a hint to create a new workspace', async () => {
  for (const words of waitingCommands) {
    const { workspace } = await waitingWorkspace()
    const waiting = startWaiting(workspace.cwd, words)
    await waiting.waits()
    renameSync(join(workspace.dir, 'events.jsonl'), join(workspace.dir, 'elsewhere'))
    const { status, stdout, stderr } = await waiting.finished
    const said = `${stdout}${stderr}`
    expect({
      words,
      status,
      isGone: /events.jsonl is gone/.test(said),
      begins: /creates a workspace/.test(said),
    }).toEqual({
      words,
      status: 2,
      isGone: true,
      begins: false,
    })
  }
})
