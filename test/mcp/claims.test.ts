import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { type CliWorkspace, newWorkspace, ndjson } from '../support/cli-workspace.ts'
import { type McpAgent, protocols, startAgent } from '../support/mcp-agent.ts'
import { slowPoll } from '../support/worker-command.ts'

const workspaceWithTasks = async (...tasks: ReadonlyArray<object>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  return workspace
}

/** The last event of a type about a task. */
const findLastEvent = ({ readEvents }: CliWorkspace, event: string, taskId: string) =>
  readEvents().findLast(line => line.event === event && line.task_id === taskId)

const waitForNotice = async (agent: McpAgent, notice: string): Promise<unknown> => {
  for (;;) {
    const { notices } = await agent.call('list_tasks')
    const match = (notices as ReadonlyArray<{ readonly notice: string }> | undefined)?.find(
      each => each.notice === notice,
    )
    if (match !== undefined) return match
    await sleep(50)
  }
}

describe.each(protocols)('an agent that speaks %s', protocol => {
  it('claims and completes a task, and the log has both under the name of the client', async () => {
    const workspace = await workspaceWithTasks({
      kind: 'docs',
      task_id: 't',
      title: 'Read the docs',
      payload: { pages: [1, 2] },
    })
    const agent = await startAgent({ ...workspace, protocol })
    const claimed = await agent.call('claim_task', { kinds: ['docs'] })
    const line = findLastEvent(workspace, 'claimed', 't')
    expect(line?.worker).toMatch(/^test-agent-[0-9a-f]{6}$/)
    expect(claimed).toEqual({
      ok: true,
      task: { id: 't', kind: 'docs', status: 'ready', title: 'Read the docs', payload: { pages: [1, 2] } },
      claim: {
        worker: line?.worker,
        token: 3,
        attempt: 1,
        claimed_at: line?.time,
        lease_until: line?.lease_until,
      },
      truncated: false,
      seq: 3,
    })
    const completed = await agent.call('complete_task', { task_id: 't', result: { read: 2 } })
    expect(completed).toEqual({ ok: true, task_id: 't', status: 'done', truncated: false, seq: 4 })
    expect(findLastEvent(workspace, 'completed', 't')).toMatchObject({
      worker: line?.worker,
      token: 3,
      result: { read: 2 },
    })
    // A call can be repeated if its result was lost.
    expect(await agent.call('complete_task', { task_id: 't', result: { read: 2 } })).toEqual(completed)
    expect(workspace.readEvents()).toHaveLength(4)
  })

  it('gets the next task in the call that finishes one, or the reason why there is none', async () => {
    const workspace = await workspaceWithTasks(
      { kind: 'docs', task_id: 'a' },
      { kind: 'docs', task_id: 'b', needs: ['a'] },
    )
    const agent = await startAgent({ ...workspace, protocol })
    await agent.call('claim_task')
    const first = await agent.call('complete_task', { task_id: 'a', next: true })
    expect(first).toMatchObject({ task_id: 'a', status: 'done', next: { task: { id: 'b' }, claim: { attempt: 1 } } })
    expect(workspace.readEvents().at(-2)).toMatchObject({ event: 'completed', task_id: 'a', more: true })
    const failed = await agent.callRaw('fail_task', { task_id: 'b', error: 'no disk', no_retry: true, next: true })
    expect(failed).toMatchObject({
      isError: false,
      answer: { task_id: 'b', status: 'failed', no_next: { error: 'no_ready_task', message: 'no task is ready' } },
    })
  })

  it('releases a task, or has it retried at a time of its choice', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const agent = await startAgent({ ...workspace, protocol })
    await agent.call('claim_task')
    const released = await agent.call('release_task', { task_id: 't', reason: 'not my subject' })
    expect(released).toEqual({ ok: true, task_id: 't', status: 'ready', truncated: false, seq: 4 })
    await agent.call('claim_task')
    const failed = await agent.call('fail_task', { task_id: 't', error: 'offline', retry_in_s: 600 })
    expect(failed).toMatchObject({ status: 'ready', retry_at: findLastEvent(workspace, 'failed', 't')?.retry_at })
    const nothing = await agent.callRaw('claim_task')
    expect(nothing).toMatchObject({
      isError: false,
      answer: { ok: false, error: 'no_ready_task', next_at: failed.retry_at },
    })
  })

  it('is notified at its next call that it lost a task while it was stopped, and who claimed it', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const agent = await startAgent({ ...workspace, protocol, args: ['--lease', '500ms'] })
    await agent.call('claim_task')
    await agent.stop()
    await workspace.runOk(['claim', 'bob', 'docs', '--wait'])
    agent.signal('SIGCONT')
    const { time, seq: token } = findLastEvent(workspace, 'claimed', 't') ?? {}
    expect(await waitForNotice(agent, 'claim_lost')).toEqual({
      task_id: 't',
      notice: 'claim_lost',
      message: `your lease expired, and bob claimed the task at ${time}. Stop the work on it`,
      worker: 'bob',
      token,
    })
    const late = await agent.callRaw('complete_task', { task_id: 't' })
    expect(late).toMatchObject({
      isError: true,
      answer: { error: 'lease_lost', holder: { worker: 'bob', token } },
    })
    expect((await agent.call('list_tasks')).notices).toBeUndefined()
  })

  it('waits for a task, and gets none if it cancelled the call', async () => {
    const workspace = await newWorkspace()
    const agent = await startAgent({ ...workspace, protocol })
    const cancellation = new AbortController()
    const cancelled = agent.call('claim_task', { wait_s: 60 }, cancellation.signal)
    setTimeout(() => cancellation.abort('enough'), 300)
    await expect(cancelled).rejects.toThrow()
    // A message sent after the cancellation is answered once the server has read both. A claim granted before that
    // would be in `held`.
    await agent.call('list_tasks')
    await workspace.runOk(['add', 'docs', 't'])
    // If the cancelled call were still waiting, it would be first.
    expect(await agent.call('list_tasks')).toMatchObject({ held: [], tasks: [{ id: 't', status: 'ready' }] })
    const waiting = agent.call('claim_task', { kinds: ['ci'], wait_s: 60 })
    await workspace.runOk(['add', 'ci', 'u'])
    expect(await waiting).toMatchObject({ ok: true, task: { id: 'u' } })
  })

  it('receives progress while it waits, so that its client does not time out', async () => {
    const workspace = await newWorkspace()
    const agent = await startAgent({ ...workspace, protocol })
    let addition: Promise<unknown> | undefined
    const waiting = new Promise<unknown>((resolve, reject) => {
      // There may be several progress notifications before the task is added.
      const onProgress = (): void => void (addition ??= workspace.runOk(['add', 'docs', 't']))
      const params = { name: 'claim_task', arguments: { wait_s: 60 } }
      agent.client.callTool(params, { onprogress: onProgress }).then(resolve, reject)
    })
    expect(await waiting).toMatchObject({ structuredContent: { ok: true, task: { id: 't' } } })
    await addition
  })

  it('is reminded of its other claims, because a result may get lost', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 'a' }, { kind: 'docs', task_id: 'b' })
    const agent = await startAgent({ ...workspace, protocol })
    expect(await agent.call('claim_task')).not.toHaveProperty('also_held')
    expect(await agent.call('claim_task')).toMatchObject({ task: { id: 'b' }, also_held: ['a'] })
  })
})

describe('the claims of a server', () => {
  it('are renewed while it is running, and no other worker gets the task', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const agent = await startAgent({ ...workspace, args: ['--lease', '6s', '--worker', 'ann'] })
    const { lease_until } = (await agent.call('claim_task')).claim as { readonly lease_until: string }
    const isRenewed = (): boolean =>
      workspace.readEvents().some(line => line.event === 'renewed' && (line['lease_until'] as string) > lease_until)
    await vi.waitUntil(isRenewed, slowPoll)
    while (new Date().toISOString() <= lease_until) await sleep(100)
    const refused = await workspace.run(['claim', 'bob', 'docs'])
    expect(refused.status).toBe(3)
    expect(findLastEvent(workspace, 'renewed', 't')).toMatchObject({ worker: 'ann', token: 3 })
    expect(await agent.call('complete_task', { task_id: 't' })).toMatchObject({ status: 'done' })
  })

  it('are renewed until --max-hold, with a notice; renew_claim extends the lease', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const args = ['--lease', '1s', '--max-hold', '300ms', '--worker', 'ann']
    const agent = await startAgent({ ...workspace, args })
    await agent.call('claim_task')
    expect(await waitForNotice(agent, 'no_longer_renewed')).toMatchObject({ task_id: 't' })
    const renewed = await agent.call('renew_claim', { task_id: 't', lease_s: 60, progress: { done: 'half' } })
    expect(renewed).toMatchObject({
      ok: true,
      task_id: 't',
      lease_until: findLastEvent(workspace, 'renewed', 't')?.lease_until,
    })
    expect(findLastEvent(workspace, 'renewed', 't')).toMatchObject({ progress: { done: 'half' } })
    expect(await waitForNotice(agent, 'no_longer_renewed')).toMatchObject({ task_id: 't' })
    expect(await agent.call('complete_task', { task_id: 't' })).toMatchObject({ status: 'done' })
  })

  it('remain when its stdin ends, and other workers get the tasks when the leases expire', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const agent = await startAgent({ ...workspace, args: ['--lease', '700ms', '--worker', 'ann'] })
    await agent.call('claim_task')
    await agent.close()
    expect(workspace.readEvents().at(-1)).toMatchObject({ event: expect.stringMatching('claimed|renewed') as unknown })
    const reclaimed = await workspace.runOk(['claim', 'bob', 'docs', '--wait'])
    expect(reclaimed).toMatchObject({ task: { id: 't' }, claim: { worker: 'bob', attempt: 2 } })
    expect(agent.stderr()).toBe('')
  })

  it('are fenced off from those of another server with the same name', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const args = ['--worker', 'ann', '--lease', '500ms']
    const [slow, quick] = [await startAgent({ ...workspace, args }), await startAgent({ ...workspace, args })]
    await slow.call('claim_task')
    await slow.stop()
    const reclaimed = await quick.call('claim_task', { wait_s: 60 })
    const [, token, ...more] = workspace.readEvents().flatMap(({ event, seq }) => (event === 'claimed' ? [seq] : []))
    expect({ more, reclaimed }).toMatchObject({ more: [], reclaimed: { task: { id: 't' }, claim: { token } } })
    slow.signal('SIGCONT')
    const late = await slow.callRaw('complete_task', { task_id: 't', result: { from: 'slow' } })
    expect(late).toMatchObject({ isError: true, answer: { error: 'lease_lost', holder: { token } } })
    expect(await quick.call('complete_task', { task_id: 't', result: { from: 'quick' } })).toMatchObject({ ok: true })
  })

  it('end with a notice if another worker cancels the task', async () => {
    const workspace = await workspaceWithTasks({ kind: 'docs', task_id: 't' })
    const agent = await startAgent(workspace)
    await agent.call('claim_task')
    await workspace.runOk(['cancel', 't'])
    expect(await waitForNotice(agent, 'claim_lost')).toEqual({
      task_id: 't',
      notice: 'claim_lost',
      message: 'your claim was ended by another process: the task is cancelled. Stop the work on it',
    })
  })
})
