import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'

type McpMessage = Readonly<Record<string, unknown>>

/** A server that receives messages byte for byte. */
const startServer = (cwd: string) => {
  const child = spawn(process.execPath, [claimlogPath, 'mcp', '--worker', 'ann'], { cwd, env: cleanEnvironment() })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stderr.resume()
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const write = (text: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => child.stdin.write(text, error => (error ? reject(error) : resolve())))
  return {
    write,
    send: (message: unknown) => write(`${JSON.stringify(message)}\n`),
    /** The next message as text, and parsed. */
    nextLine: async () => String((await lines.next()).value),
    next: async () => {
      const next = await lines.next()
      return JSON.parse(String(next.value)) as McpMessage
    },
    end: () => new Promise(resolve => child.once('exit', resolve).stdin.end()),
  }
}

const request = (id: unknown, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params })

const initialize = request(1, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
})

const invisible = /[\u202e\u2066\u200b\u3164\u2800\ufe0f\u{e0000}-\u{e007f}]/u

const claim = (id: unknown) => request(id, 'tools/call', { name: 'claim_task', arguments: {} })

describe('a server', () => {
  it('refuses requests before initialize, and executes none of them', async () => {
    const { cwd, runOk, readEvents } = await newWorkspace()
    await runOk(['add', 'docs', 't'])
    const server = startServer(cwd)
    await server.send(claim('early'))
    expect(await server.next()).toMatchObject({
      id: 'early',
      error: { code: -32_600, message: 'initialize must come first' },
    })
    await server.send(request(2, 'ping'))
    expect(await server.next()).toMatchObject({ id: 2 })
    expect(readEvents()).toHaveLength(2)
    await server.send(initialize)
    expect(await server.next()).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } })
    await server.send(claim(3))
    expect(await server.next()).toMatchObject({ id: 3, result: { structuredContent: { ok: true } } })
  })

  it('survives malformed messages, and keeps its claims', async () => {
    const { cwd, runOk, readEvents } = await newWorkspace()
    await runOk(['add', 'docs', 't'])
    const server = startServer(cwd)
    await server.send(initialize)
    await server.next()
    await server.send(claim(2))
    await server.next()
    await server.write(`{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"x":"`)
    for (let i = 0; i < 24; i += 1) await server.write('x'.repeat(1 << 20))
    await server.write('"}}\n')
    expect(await server.next()).toMatchObject({ id: 'long', error: { code: -32_600 } })
    for (const line of ['no JSON', '{"a":', '\0\0', '[', '['.repeat(100_000), 'null', '"a"', '{}'])
      await server.write(`${line}\n`)
    await server.write(Buffer.from([0xff, 0xfe, 0x7b, 10]))
    await server.send([request(3, 'ping'), request(4, 'ping')])
    expect([await server.next(), await server.next()]).toMatchObject([
      { id: 3, error: {} },
      { id: 4, error: {} },
    ])
    await server.send({ id: 5, method: 'ping' })
    expect(await server.next()).toMatchObject({ id: 5, error: { code: -32_600 } })
    await server.send(request(6, 'tools/call', { name: 'complete_task', arguments: { task_id: 't' } }))
    expect(await server.next()).toMatchObject({ id: 6, result: { structuredContent: { status: 'done' } } })
    await server.write('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add_tasks"')
    expect(await server.end()).toBe(0)
    expect(readEvents().map(({ event }) => event)).toEqual(['opened', 'added', 'claimed', 'completed'])
  })

  it('accepts null and JSON text as the arguments of a call, and refuses other values', async () => {
    const { cwd, runOk, readEvents } = await newWorkspace()
    await runOk(['add', 'docs', 't'])
    const server = startServer(cwd)
    await server.send(initialize)
    await server.next()
    const callTool = async (id: number, name: string, args: unknown): Promise<McpMessage> => {
      await server.send(request(id, 'tools/call', { name, arguments: args }))
      return server.next()
    }
    const ok = { result: { structuredContent: { ok: true } } }
    expect(await callTool(2, 'list_tasks', null)).toMatchObject({ id: 2, ...ok })
    expect(await callTool(3, 'claim_task', '{"task_id": "t"}')).toMatchObject({ id: 3, ...ok })
    const before = readEvents().length
    for (const args of ['t', '"t"', '[]', '7', 7, [], '{"task_id":"t","task_id":"u"}'])
      expect(await callTool(4, 'complete_task', args)).toMatchObject({ id: 4, error: { code: -32_602 } })
    expect(await callTool(5, 'complete_task', null)).toMatchObject({ id: 5, result: { isError: true } })
    expect(readEvents()).toHaveLength(before)
  })

  it('shows an agent every character of a text, anywhere in a result, and keeps the value', async () => {
    const { cwd, runOk } = await newWorkspace()
    const title = 'read \u202e\u2066\u200b\u{e0041}\u{e0042}\u3164\u2800\ufe0f it'
    await runOk(['add', 'docs', 't', '--title', title])
    const server = startServer(cwd)
    await server.send(initialize)
    await server.next()
    await server.send(claim(2))
    await server.send(request(3, 'resources/read', { uri: 'claimlog://task/t' }))
    const lines = [await server.nextLine(), await server.nextLine()]
    const answers = lines.map(line => JSON.parse(line) as McpMessage).sort((a, b) => Number(a.id) - Number(b.id))
    const [called, read] = answers as unknown as [
      {
        readonly result: {
          readonly content: readonly [{ readonly text: string }]
          readonly structuredContent: { readonly task: { readonly title: string } }
        }
      },
      { readonly result: { readonly contents: readonly [{ readonly text: string }] } },
    ]
    for (const { text } of [called.result.content[0], read.result.contents[0]]) {
      expect(text).not.toMatch(invisible)
      expect((JSON.parse(text) as { readonly task: { readonly title: string } }).task.title).toBe(title)
    }
    expect(called.result.structuredContent.task.title).toBe(
      'read \\u202e\\u2066\\u200b\\udb40\\udc41\\udb40\\udc42\\u3164\\u2800\\ufe0f it',
    )
    // Every message that quotes the input, including those of the protocol library.
    await server.send(request(4, 'resources/read', { uri: 'claimlog://task/%E3%85%A4' }))
    await server.send(request(5, 'tools/call', { name: title, arguments: {} }))
    await server.send(request(6, title))
    await server.send(request(7, 'tools/call', { name: 'claim_task', arguments: { [title]: 1 } }))
    await server.send({ id: title, method: 'ping' })
    for (let i = 0; i < 5; i += 1) lines.push(await server.nextLine())
    expect(lines.filter(line => invisible.test(line))).toEqual([])
  })
})
