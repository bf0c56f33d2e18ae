import { Writable } from 'node:stream'
import { toPrintableLines } from '@claimlog/client/unstable-internals'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { McpServer } from '@modelcontextprotocol/server'
import { agentSession } from './agent-session.ts'
import { claimlogServer } from './claimlog-server.ts'
import { filterInput } from './input-filter.ts'
import type { McpOptions } from './mcp-options.ts'
import type { Subscriptions } from './resources/register-resources.ts'
import { notifyUpdates } from './resources/notify-updates.ts'

/** Closing a queue may take longer than a client waits for its server to exit. */
const closeMsMax = 700

/**
 * Serves one agent over stdin and stdout, with the protocol version 2026-07-28 or any earlier one, until stdin ends or
 * `signal` aborts. Claims stay until their leases expire. `report` is called with errors about messages.
 */
export const serveMcp = async (
  options: McpOptions,
  signal: AbortSignal,
  report: (error: Error) => void,
): Promise<void> => {
  const abortController = new AbortController()
  const subscriptions: Subscriptions = new Set()
  let connection: { readonly server: McpServer; readonly isModern: boolean } | undefined
  const notify = (uri: string): void => {
    if (connection === undefined || !(connection.isModern || subscriptions.has(uri))) return
    connection.server.server.sendResourceUpdated({ uri }).catch(() => undefined)
  }
  const session = agentSession(options, queue => void notifyUpdates(queue, notify, abortController.signal))

  const output = escapeOutput(process.stdout)
  const answer = (message: object): void => void output.write(`${JSON.stringify(message)}\n`)
  const input = filterInput(process.stdin, { answer, report })
  // The filter does not pass longer lines.
  const transport = new StdioServerTransport(input, output, { maxBufferSize: 64 * 1024 * 1024 })
  const handle = serveStdio(
    ({ era }) => {
      const server = claimlogServer(options, session, subscriptions)
      connection = { server, isModern: era === 'modern' }
      return server
    },
    { transport, onerror: report },
  )
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    process.stdin.once('error', () => resolve())
    const { onclose } = transport
    // The transport closes when stdin ends, when stdout is closed, and when a message exceeds its buffer.
    transport.onclose = () => {
      onclose?.()
      resolve()
    }
  })
  abortController.abort()
  await handle.close()
  await Promise.race([session.close(), new Promise(resolve => setTimeout(resolve, closeMsMax))])
}

/** Escapes control characters in messages to `stdout`, also in those of the SDK. */
const escapeOutput = (stdout: NodeJS.WriteStream): Writable => {
  const output = new Writable({
    decodeStrings: false,
    write: (messages: string, _encoding, done) => void stdout.write(toPrintableLines(messages), done),
  })
  // A closed stdout is also reported by each write, which the transport handles.
  stdout.on('error', () => undefined)
  return output
}
