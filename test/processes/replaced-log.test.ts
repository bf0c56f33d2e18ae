import { renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, test } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { chainHash } from '../support/log/log-chain.ts'
import { protocols, startAgent } from '../support/mcp-agent.ts'
import { startWaiting } from '../support/waiting-command.ts'

/** A queue whose only task is due in a day, and a valid log of the same length with another title in the last line. */
const workspaceWithDueTask = async (): Promise<{ readonly workspace: CliWorkspace; readonly otherLog: string }> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'one', '--in', '1d', '--title', 'this'])
  const [first = '', last = ''] = workspace.readText('events.jsonl').trimEnd().split('\n')
  const { hash } = JSON.parse(first) as { readonly hash: string }
  const lineWithoutHash = last.replace('this', 'that').replace(/,"hash":.*$/, '}')
  return {
    workspace,
    otherLog: `${first}\n${lineWithoutHash.slice(0, -1)},"hash":"${chainHash(hash, lineWithoutHash)}"}\n`,
  }
}

const overwriteLog = ({ dir }: CliWorkspace, text: string): void => {
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

const replacements: ReadonlyArray<readonly [string, (workspace: CliWorkspace, otherLog: string) => void]> = [
  ['is overwritten with the same length', (workspace, otherLog) => overwriteLog(workspace, otherLog)],
  [
    'is rolled back by one line',
    (workspace, otherLog) => overwriteLog(workspace, `${otherLog.split('\n')[0] ?? ''}\n`),
  ],
  [
    'is replaced by another file of the same length',
    ({ dir }, otherLog) => {
      writeFileSync(join(dir, 'new'), otherLog)
      renameSync(join(dir, 'new'), join(dir, 'events.jsonl'))
    },
  ],
]

describe.each(replacements)('a log that %s', (_what, replace) => {
  it('ends every command that watches it, with history_changed', async () => {
    const replaceWhileWatching = async (args: ReadonlyArray<string>): Promise<void> => {
      const { workspace, otherLog } = await workspaceWithDueTask()
      const waiting = startWaiting(workspace.cwd, args)
      await waiting.waitUntilWatching()
      replace(workspace, otherLog)
      const { status, stdout, stderr } = await waiting.result
      expect({ args, status, isReported: /history_changed/.test(`${stdout}${stderr}`) }).toEqual({
        args,
        status: 7,
        isReported: true,
      })
    }
    // At once, because they mostly wait.
    await Promise.all(waitingCommands.map(replaceWhileWatching))
  })

  it.each(protocols)(
    'notifies an agent that subscribes with protocol %s, and reading the status fails with history_changed',
    async protocol => {
      const { workspace, otherLog } = await workspaceWithDueTask()
      const history = workspace.readText('events.jsonl')
      const agent = await startAgent({ ...workspace, protocol })
      await agent.call('list_tasks')
      const nextNotification = (): Promise<string> =>
        new Promise(resolve => {
          agent.client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri))
        })
      const uri = 'claimlog://status'
      if (protocol === '2026-07-28') await agent.client.listen({ resourceSubscriptions: [uri] })
      else await agent.client.subscribeResource({ uri })
      await sleep(200)
      const onReplaced = nextNotification()
      replace(workspace, otherLog)
      expect(await onReplaced).toBe(uri)
      await expect(agent.client.readResource({ uri })).rejects.toMatchObject({ data: { error: 'history_changed' } })
      expect(await agent.call('list_tasks')).toMatchObject({ ok: false, error: 'history_changed' })
      const onRestored = nextNotification()
      overwriteLog(workspace, history)
      expect(await onRestored).toBe(uri)
      expect(await agent.call('list_tasks')).toMatchObject({ ok: true })
      const onAppended = nextNotification()
      await workspace.runOk(['add', 'docs', 'two'])
      expect(await onAppended).toBe(uri)
    },
  )
})

test('a log that is deleted or moved ends every command that watches it, without a hint to create a new workspace', async () => {
  const moveWhileWatching = async (args: ReadonlyArray<string>): Promise<void> => {
    const { workspace } = await workspaceWithDueTask()
    const waiting = startWaiting(workspace.cwd, args)
    await waiting.waitUntilWatching()
    renameSync(join(workspace.dir, 'events.jsonl'), join(workspace.dir, 'elsewhere'))
    const { status, stdout, stderr } = await waiting.result
    const output = `${stdout}${stderr}`
    expect({
      args,
      status,
      isGone: /events.jsonl is gone/.test(output),
      suggestsInit: /creates a workspace/.test(output),
    }).toEqual({
      args,
      status: 2,
      isGone: true,
      suggestsInit: false,
    })
  }
  await Promise.all(waitingCommands.map(moveWhileWatching))
})
