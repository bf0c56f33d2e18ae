import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, onTestFinished } from 'vitest'
import { toPrintableData } from '@claimlog/domain'
import { stopWithoutLock } from './machine/process-state.ts'
import { expectSchema } from './output-schemas.ts'
import { claimlogPath, cleanEnvironment } from './claimlog-process.ts'

/** The protocol versions that the server supports. */
export const protocols = ['2025-11-25', '2026-07-28'] as const
export type Protocol = (typeof protocols)[number]

/** The structured result of a tool call. */
export type ToolAnswer = Readonly<Record<string, unknown>>

/** The task and the claim in the result of `claim_task`. */
export type GrantedClaim = { readonly task: { readonly id: string }; readonly claim: { readonly token: number } }

const schemas: Readonly<Record<string, string>> = {
  claim_task: 'mcp-claim',
  complete_task: 'mcp-end',
  fail_task: 'mcp-end',
  release_task: 'mcp-end',
  renew_claim: 'mcp-renew',
  add_tasks: 'mcp-add',
  list_tasks: 'mcp-list',
}

const schemaName = (name: string, toolArgs: object, { ok }: ToolAnswer): string => {
  if (ok === false) return 'mcp-problem'
  return schemas[name] ?? ('cursor' in toolArgs ? 'mcp-read-on' : 'mcp-trace')
}

/** A client from the SDK, and the server process that it started. */
export type McpAgent = {
  readonly client: Client
  /** Calls a tool; its text and its structured content must be equal. */
  readonly call: (name: string, args?: object, signal?: AbortSignal) => Promise<ToolAnswer>
  /** Like `call`, but also returns `isError` and the text. */
  readonly callRaw: (
    name: string,
    args?: object,
    signal?: AbortSignal,
  ) => Promise<{ readonly answer: ToolAnswer; readonly isError: boolean; readonly text: string }>
  readonly signal: (name: NodeJS.Signals) => void
  /** Stops the server until SIGCONT, at a time when it does not have the lock of the log. */
  readonly stop: () => Promise<void>
  /** Ends the server's stdin, and resolves when the process has exited. */
  readonly close: () => Promise<void>
  /** The server's stderr so far. */
  readonly stderr: () => string
}

type AgentOptions = {
  readonly cwd: string
  readonly args?: ReadonlyArray<string>
  readonly protocol?: Protocol
  /** The program that starts the server, with its arguments. */
  readonly launcher?: ReadonlyArray<string>
}

/** Starts `claimlog mcp` with `args` and connects to it with `protocol`; it ends with the test. */
export const startAgent = async ({
  cwd,
  args: serverArgs = [],
  protocol = '2025-11-25',
  launcher = [],
}: AgentOptions): Promise<McpAgent> => {
  const env = Object.fromEntries(
    Object.entries(cleanEnvironment()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ) as Record<string, string>
  const [command, ...args] = [...launcher, process.execPath, claimlogPath, 'mcp', ...serverArgs] as [
    string,
    ...Array<string>,
  ]
  const transport = new StdioClientTransport({ command, args, cwd, env, stderr: 'pipe' })
  let stderr = ''
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const mode = protocol === '2025-11-25' ? 'legacy' : { pin: protocol }
  const client = new Client({ name: 'test agent', version: '1.0.0' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  onTestFinished(() => client.close())
  expect(client.getNegotiatedProtocolVersion()).toBe(protocol)
  const { pid } = transport

  const callRaw: McpAgent['callRaw'] = async (name, toolArgs = {}, signal) => {
    const options = signal === undefined ? {} : { signal }
    const result = await client.callTool({ name, arguments: toolArgs as Record<string, unknown> }, options)
    const [content, ...more] = result.content as ReadonlyArray<{ readonly type: string; readonly text: string }>
    expect({ type: content?.type, more }).toEqual({ type: 'text', more: [] })
    const text = content?.text ?? ''
    expect(toPrintableData(JSON.parse(text))).toEqual(result.structuredContent)
    const answer = result.structuredContent as ToolAnswer
    expectSchema(schemaName(name, toolArgs, answer), answer)
    return { answer, isError: result.isError === true, text }
  }
  return {
    client,
    callRaw,
    call: async (...toolArgs) => (await callRaw(...toolArgs)).answer,
    signal: name => {
      if (pid !== null) process.kill(pid, name)
    },
    stop: async () => {
      if (pid !== null) await stopWithoutLock(pid, join(cwd, '.claimlog', 'events.jsonl'))
    },
    close: () => client.close(),
    stderr: () => stderr,
  }
}
