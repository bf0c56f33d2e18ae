import { describe, expect, it } from 'vitest'
import { ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { type McpAgent, protocols, startAgent, type ToolAnswer } from '../support/mcp-agent.ts'

const defaultBytesMax = 8192

/** Calls a tool, and checks that its result is within the limit and reports if something was left out. */
const callWithLimit =
  (agent: McpAgent) =>
  async (name: string, args: object = {}, bytesMax = defaultBytesMax): Promise<ToolAnswer> => {
    const { answer, text } = await agent.callRaw(name, args)
    expect({ name, args, isShort: Buffer.byteLength(text) <= bytesMax }).toEqual({ name, args, isShort: true })
    // A refusal truncates long texts, and has no cursor.
    if (answer.ok === true) expect(answer).toHaveProperty('truncated', typeof answer.cursor === 'string')
    return answer
  }

/** All pages, joined. */
const readAllPages = async (
  call: ReturnType<typeof callWithLimit>,
  name: string,
  list: string,
  args: object,
): Promise<ReadonlyArray<{ readonly id?: string; readonly seq?: number }>> => {
  const items: Array<{ readonly id?: string; readonly seq?: number }> = []
  for (let cursor: unknown; ;) {
    const answer = await call(name, { ...args, ...(cursor === undefined ? {} : { cursor }) })
    items.push(...(answer[list] as typeof items))
    if (answer.truncated !== true) return items
    cursor = answer.cursor
  }
}

/** The longest name: two hundred characters of four bytes. */
const longName = (i: number, characters = 200): string => `${String(i).padStart(4, '0')}${'🦑'.repeat(characters - 4)}`

describe.each(protocols)('a result of a tool under protocol %s', protocol => {
  it('is short, and its pages list every task once, even if tasks are added and cancelled meanwhile', async () => {
    const workspace = await newWorkspace()
    const ids = Array.from({ length: 1500 }, (_, i) => `task-${i}`)
    await workspace.runOk(
      ['add', '-'],
      ndjson(...ids.map(task_id => ({ kind: 'docs', task_id, title: `Do ${task_id}` }))),
    )
    const agent = await startAgent({ ...workspace, protocol })
    const call = callWithLimit(agent)
    expect((await readAllPages(call, 'list_tasks', 'tasks', {})).map(({ id }) => id)).toEqual(ids)

    const first = await call('list_tasks', { status: 'ready' })
    expect(first.counts).toEqual([{ kind: 'docs', ready: 1500, claimed: 0, waiting: 0, blocked: 0 }])
    const firstIds = (first.tasks as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)
    for (const id of firstIds.slice(0, 5)) await workspace.runOk(['cancel', id])
    await workspace.runOk(['add', 'docs', 'late'])
    const rest = await readAllPages(call, 'list_tasks', 'tasks', { status: 'ready', cursor: first.cursor })
    expect([...firstIds, ...rest.map(({ id }) => id)]).toEqual([...ids, 'late'])
    const cancelled = await readAllPages(call, 'list_tasks', 'tasks', { status: 'cancelled' })
    expect(cancelled.map(({ id }) => id)).toEqual(firstIds.slice(0, 5).reverse())

    const more = await call('list_tasks', { max_bytes: 65_536 }, 65_536)
    expect((more.tasks as ReadonlyArray<object>).length).toBeGreaterThan(500)
  })

  it('is short with the longest names, dependencies, kinds and claims', async () => {
    const workspace = await newWorkspace()
    const needs = Array.from({ length: 300 }, (_, i) => longName(i))
    const kinds = Array.from({ length: 60 }, (_, i) => longName(i, 64))
    await workspace.runOk(
      ['add', '-'],
      ndjson(...needs.map((task_id, i) => ({ kind: kinds[i % 60], task_id, title: '\u0000"\\'.repeat(2000) })), {
        kind: 'docs',
        task_id: 'needy',
        needs,
        tags: needs,
        title: 'x'.repeat(30_000),
      }),
    )
    const agent = await startAgent({ ...workspace, protocol, args: ['--worker', longName(0)] })
    const call = callWithLimit(agent)
    for (let i = 0; i < 30; i += 1) await call('claim_task')
    expect((await readAllPages(call, 'list_tasks', 'tasks', {})).map(({ id }) => id)).toEqual([...needs, 'needy'])
    const needy = await call('trace_task', { task_id: 'needy' })
    expect(needy).toMatchObject({ claimable: false, more_guards: expect.any(Number) as number })
    await workspace.runOk(['cancel', needs[0] ?? ''])
    await workspace.runOk(['cancel', needs[1] ?? ''])
    const refused = await call('complete_task', { task_id: needs[0] })
    expect(refused).toMatchObject({ ok: false, error: 'task_finished' })
    const added = await call('add_tasks', {
      tasks: needs.map(task_id => ({ kind: 'late', task_id: `n${task_id.slice(0, 190)}` })),
    })
    const firstIds = (added.tasks as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)
    const others = await readAllPages(call, 'list_tasks', 'tasks', { cursor: added.cursor })
    expect([...firstIds, ...others.map(({ id }) => id)]).toEqual(needs.map(task_id => `n${task_id.slice(0, 190)}`))
    const { client } = agent
    for (const uri of ['claimlog://status']) {
      const [content] = (await client.readResource({ uri })).contents
      expect(Buffer.byteLength(content !== undefined && 'text' in content ? content.text : '')).toBeLessThan(
        defaultBytesMax,
      )
    }
  })

  it('has the start of a long payload, and a cursor for the rest', async () => {
    const workspace = await newWorkspace()
    const payload = { text: Array.from({ length: 4000 }, (_, i) => `${i} "quoted" \n 🦑`).join(' ') }
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs', task_id: 't', title: 'Long', payload }))
    const call = callWithLimit(await startAgent({ ...workspace, protocol }))
    const claimed = await call('claim_task')
    const task = claimed.task as Readonly<Record<string, string>>
    let text = task.payload_start ?? ''
    expect(task).toMatchObject({ id: 't', title: 'Long', payload_cursor: claimed.cursor })
    for (let cursor: unknown = claimed.cursor; cursor !== undefined;) {
      const piece = await call('trace_task', { task_id: 't', cursor })
      expect(piece).toMatchObject({ ok: true, task_id: 't', field: 'payload' })
      text += String(piece.text)
      cursor = piece.cursor
    }
    expect(JSON.parse(text)).toEqual(payload)
    const whole = await call('trace_task', { task_id: 't', max_bytes: 1_048_576 }, 1_048_576)
    expect(whole).toMatchObject({ truncated: false, task: { payload } })
  })

  it('has the last events of a long history, and a cursor for the earlier ones', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 't'])
    const agent = await startAgent({ ...workspace, protocol, args: ['--worker', 'ann'] })
    for (let i = 0; i < 60; i += 1) {
      await agent.call('claim_task')
      await agent.call('release_task', { task_id: 't', reason: `reason ${i} `.repeat(i) })
    }
    const call = callWithLimit(agent)
    const steps = await readAllPages(call, 'trace_task', 'steps', { task_id: 't' })
    expect(steps.map(({ seq }) => seq)).toEqual(Array.from({ length: 121 }, (_, i) => 122 - i))
    expect(await call('trace_task', { task_id: 't' })).toMatchObject({ claimable: true, ahead: 0, attempts: 0 })
  })

  it('has the start of a long reason for a hold, a cancellation or a pause, and a cursor for the rest', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs', task_id: 'held' }, { kind: 'ci', task_id: 'gone' }))
    const reason = 'because "no one" knows 🦑 '.repeat(1500)
    await workspace.runOk(['hold', 'held', '--reason', reason])
    await workspace.runOk(['cancel', 'gone', '--reason', reason])
    await workspace.runOk(['pause', 'docs', '--reason', reason])
    const call = callWithLimit(await startAgent({ ...workspace, protocol }))
    for (const task_id of ['held', 'gone']) {
      const page = await call('trace_task', { task_id })
      expect(page).toMatchObject({ truncated: true, cursor: 'reason:0' })
      let text = ''
      for (let cursor: unknown = page.cursor; cursor !== undefined;) {
        const piece = await call('trace_task', { task_id, cursor })
        text += String(piece.text)
        cursor = piece.cursor
      }
      expect(text).toBe(reason)
      const whole = await call('trace_task', { task_id, max_bytes: 1_048_576 }, 1_048_576)
      expect(whole).toMatchObject({ truncated: false })
    }
    for (const tool of ['claim_task', 'list_tasks']) await call(tool)
    expect(await call('claim_task', { task_id: 'held' })).toMatchObject({ error: 'task_held', truncated: true })
  })
})
