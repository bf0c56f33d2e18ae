import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeLine } from '@claimlog/event-log-file'
import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, formatDocument, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { addHostileTasks } from './hostile-tasks.ts'

/** Texts of the workspace below that must not be in a redacted export. */
const secrets = ['the merger', 'hunter2', 'Acme', 'budget', 'fire Bob', 'call me', 'zoe', 'x-ray', 'k-17', 'r-4']

/** Creates a workspace whose tasks contain secrets. */
const secretWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const runOk = (words: string, ...more: ReadonlyArray<string>) => workspace.runOk([...words.split(' '), ...more])
  await runOk(
    'add docs memo --tag x-ray --key k-17 --request-id r-4',
    '--title',
    'the merger',
    '--payload',
    '"hunter2"',
  )
  await runOk('add docs plan --needs memo', '--title', 'the merger')
  await runOk('add docs list', '--payload', '{"client": "Acme"}')
  await runOk('claim ann docs --lease none')
  await runOk('renew ann memo', '--progress', '"budget"')
  await runOk('note memo --by zoe', 'call me')
  await runOk('complete ann memo', '--result', '{"for": "Acme"}')
  await runOk('claim ann --task plan')
  await runOk('fail ann plan --no-retry', '--error', 'fire Bob')
  await runOk('hold list --by zoe', '--reason', 'budget')
  await runOk('pause docs --by zoe', '--reason', 'the merger')
  return workspace
}

const formats = ['csv', 'json', 'mermaid', 'dot', 'otlp', 'chrome-trace', 'cloudevents', 'log']

const runExport = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<string> => {
  const { status, stdout } = await workspace.run(['export', ...words])
  expect(status).toBe(0)
  return stdout
}

/** Creates a workspace whose log is `text`. */
const workspaceWithLog = (workspace: CliWorkspace, name: string, text: string): CliWorkspace => {
  const copy = join(workspace.cwd, name)
  mkdirSync(join(copy, '.claimlog'), { recursive: true })
  writeFileSync(join(copy, '.claimlog', 'events.jsonl'), text)
  return cliWorkspace(copy)
}

const redactedValue = /^redacted:[0-9a-f]{24}$/

/** Replaces the values of all redacted fields of a document. */
const withoutSecrets = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(withoutSecrets)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) =>
      ['title', 'payload', 'result', 'error', 'reason', 'by', 'key', 'tags'].includes(name)
        ? [name, '…']
        : [name, withoutSecrets(value)],
    ),
  )
}

test.for(['secret', 'hostile'])(
  'a redacted log of %s texts verifies, and gives the same queue except for them',
  async which => {
    const workspace = which === 'secret' ? await secretWorkspace() : await newWorkspace()
    if (which === 'hostile') await addHostileTasks(workspace)
    const copy = workspaceWithLog(workspace, 'copy', await runExport(workspace, 'log', '--redact'))
    expect(parseOutput(await copy.run(['verify', '--json']))).toMatchObject({
      ok: true,
      seq: workspace.readEvents().length,
      unfinished_bytes: 0,
    })
    await copy.run(['replay', '--json'])
    await workspace.run(['replay', '--json'])
    const queues = [copy, workspace].map(({ readText }) => JSON.parse(readText('queue.json')) as unknown)
    expect(formatDocument(withoutSecrets(queues[0]))).toBe(formatDocument(withoutSecrets(queues[1])))
    expect(queues[0]).not.toEqual(queues[1])
  },
)

test('no format contains anything that was redacted', async () => {
  const workspace = await secretWorkspace()
  for (const format of formats) {
    const whole = await runExport(workspace, format)
    expect(secrets.some(secret => whole.includes(secret))).toBe(true)
    const text = await runExport(workspace, format, '--redact')
    expect({ format, leaks: secrets.filter(secret => text.includes(secret)) }).toEqual({ format, leaks: [] })
    // The original hashes would allow a guess of a secret to be verified.
    for (const { hash } of workspace.readEvents().slice(1)) expect(text).not.toContain(hash)
    expect(text).toContain('memo')
  }
})

test('equal values stay equal within an export, and differ in the next one, unless a key is given', async () => {
  const workspace = await secretWorkspace()
  const titles = (text: string): ReadonlyArray<unknown> =>
    (JSON.parse(text) as { readonly tasks: ReadonlyArray<{ readonly title?: string }> }).tasks.map(({ title }) => title)
  const once = titles(await runExport(workspace, 'json', '--redact'))
  expect(once).toEqual([expect.stringMatching(redactedValue), once[0], undefined])
  expect(titles(await runExport(workspace, 'json', '--redact'))[0]).not.toBe(once[0])

  const key = workspace.writeFile('key', 'a key of 32 bytes, or longer yet')
  const keyed = () => runExport(workspace, 'log', '--redact-key', key)
  expect(await keyed()).toBe(await keyed())
  const other = workspace.writeFile('other', 'another key, which is as long as that')
  expect(await runExport(workspace, 'log', '--redact-key', other)).not.toBe(await keyed())
})

test('a key that is too short or does not exist is refused', async () => {
  const workspace = await newWorkspace()
  const short = workspace.writeFile('short', 'guess me')
  const refused = await workspace.run(['export', 'log', '--redact-key', short])
  expect(refused).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'claimlog: short has 8 bytes; a key that short can be guessed (bad_input)\n' +
      '  head -c 32 /dev/urandom > key creates a key\n',
  })
  expect(await workspace.run(['export', 'log', '--redact-key', 'none'])).toMatchObject({ status: 2, stdout: '' })
})

test('a field of a newer version is redacted too, and keeps its place', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'memo'])
  const [first = '', second = ''] = workspace.readText('events.jsonl').split('\n')
  const { hash } = JSON.parse(first) as { readonly hash: string }
  const changed = second.replace(/,"time":("[^"]*"),.*/, ',"title":"the merger","mood":"grim","time":$1')
  const newer = workspaceWithLog(workspace, 'newer', `${first}\n${encodeLine(hash, `${changed}}`, false).line}`)
  const copy = workspaceWithLog(workspace, 'copy', await runExport(newer, 'log', '--redact'))
  const [, line] = copy.readEvents()
  expect(line).toMatchObject({ task_id: 'memo' })
  expect(line?.['mood']).toMatch(redactedValue)
  expect(Object.keys(line ?? {})).toEqual(['seq', 'event', 'task_id', 'kind', 'title', 'mood', 'time', 'hash'])
})
