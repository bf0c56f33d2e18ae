import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { newWorkspace, ndjson } from '../support/cli-workspace.ts'
import { type McpAgent, type Protocol, protocols, startAgent } from '../support/mcp-agent.ts'

const read = async ({ client }: McpAgent, uri: string): Promise<unknown> => {
  const { contents } = await client.readResource({ uri })
  expect(contents).toEqual([{ uri, mimeType: 'application/json', text: expect.any(String) as string }])
  const [content] = contents
  return JSON.parse(content !== undefined && 'text' in content ? content.text : '')
}

/** Subscribes to these resources with the method of the protocol, and passes on the URI of each update. */
const listen = async (
  { client }: McpAgent,
  protocol: Protocol,
  uris: ReadonlyArray<string>,
  onUpdate: (uri: string) => void,
): Promise<void> => {
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => onUpdate(params.uri))
  if (protocol === '2026-07-28') await client.listen({ resourceSubscriptions: [...uris] })
  else for (const uri of uris) await client.subscribeResource({ uri })
}

describe.each(protocols)('a client that speaks %s', protocol => {
  it('reads the status, and a task by an id with any characters', async () => {
    const workspace = await newWorkspace()
    const ids = ['t', 'a/b?c=d#e', '100%', 'ü🦑', 'x,y', '..', 'A%2FB']
    await workspace.runOk(['add', '-'], ndjson(...ids.map(task_id => ({ kind: 'docs', task_id }))))
    await workspace.runOk(['claim', 'ann', '--task', 't'])
    const agent = await startAgent({ ...workspace, protocol })
    expect(await read(agent, 'claimlog://status')).toEqual({
      seq: 9,
      counts: [{ kind: 'docs', ready: 6, claimed: 1, waiting: 0, blocked: 0 }],
      finished: 0,
      claims: [{ task_id: 't', worker: 'ann', lease_until: workspace.readEvents().at(-1)?.lease_until }],
      truncated: false,
    })
    for (const id of ids.filter(each => each !== '..'))
      expect(await read(agent, `claimlog://task/${encodeURIComponent(id)}`)).toMatchObject({
        task: { id, kind: 'docs' },
      })
    await expect(read(agent, 'claimlog://task/nowhere')).rejects.toThrow('there is no task nowhere')
    const { resources } = await agent.client.listResources()
    const { resourceTemplates } = await agent.client.listResourceTemplates()
    expect(resources.map(({ uri }) => uri)).toEqual(['claimlog://status'])
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['claimlog://task/{task_id}'])
    const ref = { type: 'ref/resource', uri: 'claimlog://task/{task_id}' } as const
    const completed = await agent.client.complete({ ref, argument: { name: 'task_id', value: '1' } })
    expect(completed.completion.values).toEqual(['100%'])
  })

  it('is notified of every change to a resource that it subscribes to, by any worker, and of nothing else', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(
      ['add', '-'],
      ndjson({ kind: 'docs', task_id: 'a b'.replace(' ', '/') }, { kind: 'docs', task_id: 'u' }),
    )
    const agent = await startAgent({ ...workspace, protocol })
    await agent.call('list_tasks')
    const updates: Array<string> = []
    const task = `claimlog://task/${encodeURIComponent('a/b')}`
    await listen(agent, protocol, ['claimlog://status', task], uri => updates.push(uri))
    const until = async (uri: string): Promise<void> => {
      while (!updates.includes(uri)) await sleep(20)
    }
    await workspace.runOk(['note', 'u', 'not listened to'])
    await until('claimlog://status')
    expect(updates).toEqual(['claimlog://status'])
    await workspace.runOk(['claim', 'bob', '--task', 'a/b'])
    await until(task)
    expect(new Set(updates)).toEqual(new Set(['claimlog://status', task]))
    expect(await read(agent, task)).toMatchObject({ claim: { worker: 'bob' } })
  })
})
