import { describe, expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'

/** Tasks of the kinds `docs` and `validation`, and a done task of the kind `art`. */
const workspaceWithThreeKinds = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'art', 'drawn'])
  await workspace.runOk(['claim', 'ann', 'art'])
  await workspace.runOk(['complete', 'ann', 'drawn'])
  await workspace.runOk(['add', 'docs', 'read'])
  await workspace.runOk(['add', 'validation', 'check'])
  return workspace
}

describe('a single argument that is a kind', () => {
  test.each([
    ['claim', ['claim', 'docs']],
    ['claim with a kind whose tasks are all done', ['claim', 'art']],
    ['claim with a count', ['claim', 'docs', '--count', '2']],
    ['claim that waits', ['claim', 'docs', '--wait']],
    ['work', ['work', 'docs', '--json', '--', 'true']],
  ])('is not taken as a worker: %s is refused with a hint, and nothing is claimed', async (_, words) => {
    const workspace = await workspaceWithThreeKinds()
    const before = workspace.readText('events.jsonl')
    const refused = await workspace.run(words)
    const kind = words[1] ?? ''
    expect(refused.status).toBe(2)
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ok: false,
      error: 'usage',
      message: expect.stringContaining(`${kind} is a kind of task here`) as string,
      hint: expect.stringContaining(`${kind}-worker ${kind}; or add --any-kind`) as string,
    })
    expect(workspace.readText('events.jsonl')).toBe(before)
  })

  test('is the worker with --any-kind, with kinds, or with a task', async () => {
    const workspace = await workspaceWithThreeKinds()
    expect(await workspace.runOk(['claim', 'docs', 'docs'])).toMatchObject({ task: { id: 'read' } })
    expect(await workspace.runOk(['claim', 'validation', '--task', 'check'])).toMatchObject({ claim: { token: 8 } })
    await workspace.runOk(['add', 'docs', 'write'])
    expect(await workspace.runOk(['claim', 'docs', '--any-kind'])).toMatchObject({ task: { id: 'write' } })
    await workspace.runOk(['add', 'docs', 'print'])
    expect((await workspace.run(['work', 'docs', '--any-kind', '--once', '--', 'true'])).status).toBe(0)
  })

  test('is the worker if there is no such kind', async () => {
    const workspace = await newWorkspace()
    const none = await workspace.run(['claim', 'docs'])
    expect([none.status, none.stderr]).toEqual([3, ''])
  })
})

test('--any-kind and kinds exclude each other', async () => {
  const workspace = await workspaceWithThreeKinds()
  const refused = await workspace.run(['claim', 'ann', 'docs', '--any-kind'])
  expect([refused.status, parseOutput(refused)]).toMatchObject([2, { error: 'usage' }])
})

describe('a kind that no task ever had', () => {
  const warning = 'claimlog: warning: there is no task of kind dosc: did you mean docs?\n'

  test.each([
    [3, ['claim', 'ann', 'dosc']],
    [8, ['claim', 'ann', 'dosc', '--wait', '10ms']],
    [0, ['claim', 'ann', 'validation', 'dosc']],
    [0, ['complete', 'ann', 'read', '--claim-next', 'dosc']],
    [0, ['wait', '--empty', 'dosc']],
    [0, ['list', '--kind', 'dosc']],
    [0, ['export', 'csv', '--kind', 'dosc']],
    [0, ['prime', 'dosc']],
    [0, ['pause', 'dosc']],
    [0, ['resume', 'dosc']],
    [0, ['limit', 'dosc', '2']],
    [0, ['mcp', '--kinds', 'dosc,docs']],
    [0, ['work', 'ann', 'dosc', '--until-empty', '--', 'true']],
  ])('causes a warning on stderr with the nearest kind, exit code %i: %j', async (status, words) => {
    const workspace = await workspaceWithThreeKinds()
    if (words[0] === 'complete') await workspace.runOk(['claim', 'ann', 'docs'])
    const result = await workspace.run(words, words[0] === 'mcp' ? { input: initialize } : {})
    expect([result.status, result.stderr.replace(/^\S+Z .*\n/gm, '')]).toEqual([status, warning])
  })

  test('is mentioned in the hint of a refusal, without a further field', async () => {
    const workspace = await workspaceWithThreeKinds()
    expect(parseOutput(await workspace.run(['claim', 'ann', 'dosc']))).toEqual({
      ok: false,
      error: 'no_ready_task',
      message: 'no dosc task is ready',
      hint: 'there is no task of kind dosc: did you mean docs?',
      kinds: ['dosc'],
    })
  })

  test('causes no warning while no kind is known', async () => {
    const workspace = await newWorkspace()
    expect(await workspace.run(['wait', '--empty', 'docs'])).toMatchObject({ status: 0, stderr: '' })
  })
})

const initialize = [
  {
    ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list_tasks', arguments: {} } },
]
  .map(message => `${JSON.stringify(message)}\n`)
  .join('')
