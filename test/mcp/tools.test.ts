import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { ndjson, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { protocols, startAgent } from '../support/mcp-agent.ts'
import { countModelTokens } from '../support/token-count.ts'

const tokensMax = 1200

type ToolSchema = { readonly [name: string]: unknown }

/** A schema and all schemas nested in it. */
const nestedSchemas = (schema: ToolSchema): ReadonlyArray<ToolSchema> => [
  schema,
  ...Object.values((schema.properties ?? {}) as Record<string, ToolSchema>).flatMap(nestedSchemas),
  ...(schema.items === undefined ? [] : nestedSchemas(schema.items as ToolSchema)),
]

const queryTools = ['list_tasks', 'trace_task']
const commandTools = ['claim_task', 'complete_task', 'fail_task', 'release_task', 'renew_claim', 'add_tasks']

describe.each(protocols)('the tool list of an agent that speaks %s', protocol => {
  it(`is eight tools in fewer than ${tokensMax} tokens`, async () => {
    const { client } = await startAgent({ ...(await newWorkspace()), protocol })
    const list = await client.listTools()
    expect(list.tools.map(({ name }) => name)).toEqual([...commandTools, ...queryTools])
    expect(countModelTokens(JSON.stringify(list))).toBeLessThan(tokensMax)
  })

  it('annotates each tool with its effects, and allows no unknown argument', async () => {
    const { client } = await startAgent({ ...(await newWorkspace()), protocol })
    const { tools } = await client.listTools()
    for (const { name, annotations, inputSchema } of tools) {
      const readOnly = queryTools.includes(name)
      expect({ name, annotations }).toMatchObject({ annotations: { readOnlyHint: readOnly, openWorldHint: false } })
      if (!readOnly) expect({ name, annotations }).toMatchObject({ annotations: { destructiveHint: false } })
      for (const schema of nestedSchemas(inputSchema)) {
        // A result is any JSON value except null, which is no result. Not all clients accept several types for one
        // schema.
        const types = ((schema.anyOf as ReadonlyArray<ToolSchema> | undefined) ?? [schema]).map(
          ({ type }) => typeof type,
        )
        expect({ name, schema, types }).toMatchObject({
          types: Array(schema.anyOf === undefined ? 1 : 5).fill('string') as unknown,
        })
        // A payload can have any fields; any other object names all its fields.
        if (schema.properties !== undefined)
          expect({ name, schema }).toMatchObject({ schema: { additionalProperties: false } })
      }
    }
  })
})

/** Invalid arguments, with the message and the hint that the result has. */
const mistakes: ReadonlyArray<readonly [tool: string, args: object, message: RegExp, hint: RegExp]> = [
  ['claim_task', { kind: 'docs' }, /unknown field "kind"/, /claim_task takes kinds, task_id, wait_s/],
  ['claim_task', { kinds: 'docs' }, /kinds must be a list of kinds/, /kinds/],
  ['claim_task', { kinds: ['two words'] }, /kinds\.0 must be a kind: 1 to 64 characters/, /kinds/],
  ['claim_task', { wait_s: -1 }, /wait_s must be a whole number from 0 to 3600/, /wait_s/],
  ['claim_task', { task_id: 'nowhere' }, /there is no task nowhere/, /list_tasks/],
  ['complete_task', {}, /needs "task_id"/, /task_id \(required\)/],
  ['complete_task', { task_id: 't', next: 'yes' }, /next/, /next/],
  ['complete_task', { task_id: 't', result: { n: 2 ** 60 } }, /result must be .* its numbers within 2\^53/, /result/],
  ['complete_task', { task_id: 't' }, /t is not claimed/, /claim_task/],
  ['fail_task', { task_id: 't' }, /needs "error"/, /error \(required\)/],
  ['fail_task', { task_id: 't', error: 'no', retry_in_s: 0.5 }, /retry_in_s must be a whole number/, /retry_in_s/],
  ['release_task', { task_id: '' }, /task_id must be a task id/, /task_id/],
  ['renew_claim', { task_id: 't', lease_s: 0 }, /lease_s must be a whole number from 1/, /lease_s/],
  ['add_tasks', { tasks: {} }, /tasks must be a list of tasks/, /tasks \(required\)/],
  ['add_tasks', { tasks: [{ task_id: 'u' }] }, /tasks\.0 needs "kind"/, /tasks/],
  [
    'add_tasks',
    { tasks: [{ kind: 'docs', priority: 10 }] },
    /tasks\.0\.priority must be a whole number from 0 to 9/,
    /./,
  ],
  ['add_tasks', { tasks: [{ kind: 'docs', needs: ['v'] }] }, /depends on v, which does not exist/, /add_tasks/],
  ['add_tasks', { tasks: [{ kind: 'ci', task_id: 't' }] }, /task t already exists/, /another id/],
  ['list_tasks', { status: 'open' }, /status must be/, /status/],
  ['list_tasks', { cursor: 'x' }, /there is no such cursor/, /unchanged/],
  ['list_tasks', { max_bytes: 10 }, /max_bytes must be a whole number from 1024/, /max_bytes/],
  ['trace_task', { task_id: 't', cursor: 'steps' }, /there is no such cursor/, /unchanged/],
  ['trace_task', {}, /needs "task_id"/, /task_id \(required\)/],
]

describe('invalid arguments', () => {
  it.each(protocols)('are answered with the problem and a hint, and change nothing: %s', async protocol => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 't'])
    const agent = await startAgent({ ...workspace, protocol })
    const before = workspace.readText('events.jsonl')
    for (const [tool, args, message, hint] of mistakes) {
      const { answer, isError } = await agent.callRaw(tool, args)
      expect({ tool, args, isError, answer }).toEqual({
        tool,
        args,
        isError: true,
        answer: expect.objectContaining({
          ok: false,
          message: expect.stringMatching(message) as unknown,
          hint: expect.stringMatching(hint) as unknown,
        }) as unknown,
      })
    }
    expect(workspace.readText('events.jsonl')).toBe(before)
  })

  it('are refused by the schemas too, and the server accepts everything else', async () => {
    const workspace = await newWorkspace()
    const { client } = await startAgent(workspace)
    const { tools } = await client.listTools()
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
    const bySchema = new Map(tools.map(({ name, inputSchema }) => [name, ajv.compile(inputSchema)]))
    const accepted = mistakes.filter(([tool, args]) => bySchema.get(tool)?.(args) === true).map(([tool]) => tool)
    // Only the state, a number in a text or the text of a cursor makes these invalid.
    expect(accepted).toEqual([
      'claim_task',
      'complete_task',
      'complete_task',
      'add_tasks',
      'add_tasks',
      'list_tasks',
      'trace_task',
    ])
  })
})

describe('a server with options', () => {
  it('offers only the read-only tools with --read-only', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 't'])
    const { client, call } = await startAgent({ ...workspace, args: ['--read-only'] })
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(queryTools)
    await expect(client.callTool({ name: 'claim_task', arguments: {} })).rejects.toThrow()
    expect(await call('trace_task', { task_id: 't' })).toMatchObject({ claimable: true, ahead: 0, task: { id: 't' } })
    expect(workspace.readEvents()).toHaveLength(2)
  })

  it('claims tasks of its --kinds and of no other kind', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs', task_id: 'd' }, { kind: 'ci', task_id: 'c' }))
    const agent = await startAgent({ ...workspace, args: ['--kinds', 'ci,build'] })
    expect(await agent.callRaw('claim_task', { kinds: ['docs'] })).toMatchObject({
      isError: true,
      answer: { error: 'bad_input', hint: expect.stringContaining('use ci, build') as unknown },
    })
    expect(await agent.call('claim_task')).toMatchObject({ task: { id: 'c' } })
    expect(await agent.call('complete_task', { task_id: 'c', next: true })).toMatchObject({
      no_next: { error: 'no_ready_task' },
    })
  })

  it('claims under the name in --worker or CLAIMLOG_WORKER', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 't'])
    const agent = await startAgent({ ...workspace, args: ['--worker', 'ann'] })
    expect(await agent.call('claim_task')).toMatchObject({ claim: { worker: 'ann' } })
    expect(await agent.call('list_tasks')).toMatchObject({ worker: 'ann', held: ['t'] })
  })

  it('reports with each write that a power cut may undo it if --durability is os, and records --by', async () => {
    const workspace = await newWorkspace()
    const agent = await startAgent({ ...workspace, args: ['--durability', 'os', '--by', 'eve'] })
    expect(await agent.call('add_tasks', { tasks: [{ kind: 'docs' }] })).toMatchObject({ durability: 'os' })
    expect(workspace.readEvents().at(-1)).toMatchObject({ event: 'added', by: 'eve' })
    expect(await agent.call('list_tasks')).not.toHaveProperty('durability')
  })

  it('refuses an invalid name, kind or duration before it serves any client', async () => {
    const workspace = await newWorkspace()
    for (const words of [
      ['--worker', 'two words'],
      ['--kinds', 'docs,,ci'],
      ['--max-hold', 'long'],
      ['--lease', '5'],
      ['docs'],
    ]) {
      const { status, stderr } = await workspace.run(['mcp', ...words])
      expect({ words, status }).toEqual({ words, status: 2 })
      expect(stderr).toMatch(/claimlog: .+\n.*claimlog mcp/s)
    }
  })
})

describe('a server without a workspace', () => {
  it('explains how to create one, and serves it as soon as it exists', async () => {
    const cwd = temporaryDirectory()
    const agent = await startAgent({ cwd })
    expect(await agent.callRaw('claim_task')).toMatchObject({
      isError: true,
      answer: { error: 'no_workspace', hint: expect.stringContaining('claimlog init') as unknown },
    })
    const workspace = cliWorkspace(cwd)
    await workspace.runOk(['init'])
    expect(await agent.call('add_tasks', { tasks: [{ kind: 'docs', task_id: 't' }] })).toMatchObject({ ok: true })
    expect(workspace.readEvents().at(-1)).toMatchObject({ event: 'added', task_id: 't' })
  })
})
