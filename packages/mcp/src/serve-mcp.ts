import { Writable } from 'node:stream'
import { printableLines } from '@claimlog/client/unstable-internals'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { McpServer } from '@modelcontextprotocol/server'
import { agentSession } from './agent-session.ts'
import { claimlogServer } from './claimlog-server.ts'
import { guardedInput } from './guarded-input.ts'
import type { McpOptions } from './mcp-options.ts'
import type { Subscriptions } from './resources/register-resources.ts'
import { tellUpdates } from './resources/tell-updates.ts'

/** A queue may take longer to let go of than a client waits for its server to end. */
const longestCloseMs = 700

/**
 * Serves one agent over stdin and stdout, by the protocol of 2026-07-28 or any that came before, until stdin ends or
 * `signal` aborts. What it handed out stays claimed until the leases end. `report`: told of what is wrong with the messages.
 */
export const serveMcp = async (
  options: McpOptions,
  signal: AbortSignal,
  report: (error: Error) => void,
): Promise<void> => {
  const ending = new AbortController()
  const subscriptions: Subscriptions = new Set()
  let serving: { readonly server: McpServer; readonly isNewer: boolean } | undefined
  const tell = (uri: string): void => {
    if (serving === undefined || !(serving.isNewer || subscriptions.has(uri))) return
    serving.server.server.sendResourceUpdated({ uri }).catch(() => undefined)
  }
  const session = agentSession(options, queue => void tellUpdates(queue, tell, ending.signal))

  const output = printableOutput(process.stdout)
  const answer = (message: object): void => void output.write(`${JSON.stringify(message)}\n`)
  const input = guardedInput(process.stdin, { answer, report })
  // No line that comes so far is longer than the guard lets through.
  const transport = new StdioServerTransport(input, output, { maxBufferSize: 64 * 1024 * 1024 })
  const handle = serveStdio(
    ({ era }) => {
      const server = claimlogServer(options, session, subscriptions)
      serving = { server, isNewer: era === 'modern' }
      return server
    },
    { transport, onerror: report },
  )
  await new Promise<void>(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    process.stdin.once('error', () => resolve())
    const { onclose } = transport
    // It closes where stdin ends, where nobody reads stdout any more, and where a message is past all measure.
    transport.onclose = () => {
      onclose?.()
      resolve()
    }
  })
  ending.abort()
  await handle.close()
  await Promise.race([session.close(), new Promise(resolve => setTimeout(resolve, longestCloseMs))])
}

/** Messages on their way to `stdout`, of which every character can be seen, whoever made them; they mean the same. */
const printableOutput = (stdout: NodeJS.WriteStream): Writable => {
  const output = new Writable({
    decodeStrings: false,
    write: (messages: string, _encoding, done) => void stdout.write(printableLines(messages), done),
  })
  // One that is no longer read is told to each write too, from where the transport hears of it.
  stdout.on('error', () => undefined)
  return output
}
