import { PassThrough, type Readable } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import { parseJson } from '@claimlog/client/unstable-internals'
import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server'

/** More than any call needs. A longer line is refused and not kept in memory. */
const lineBytesMax = 10 * 1024 * 1024
/** The start of a longer line that is kept to find its id. */
const prefixBytes = 64 * 1024

const invalidRequest = -32_600

type ProtocolMessage = Readonly<Record<string, unknown>>

/** The handlers for messages that are not passed on. */
type RejectHandlers = {
  /** Writes a message to the client. */
  readonly answer: (message: object) => void
  /** Reports an error to the user of the server. */
  readonly report: (error: Error) => void
}

/**
 * Filters the messages on `input`, one per line. Drops lines that are too long, text that is not JSON, invalid
 * requests, and calls before `initialize` that do not name their protocol version, as those of 2026-07-28 do. A dropped
 * message is answered if its id is known and otherwise reported; then reading continues.
 */
export const filterInput = (input: Readable, handlers: RejectHandlers): PassThrough => {
  const output = new PassThrough()
  const filterLine = createLineFilter(handlers)
  let parts: Array<Buffer> = []
  let length = 0
  const addPart = (part: Buffer): void => {
    length += part.length
    const keptBytes = parts.reduce((sum, each) => sum + each.length, 0)
    if (length > lineBytesMax) parts = [Buffer.concat(parts).subarray(0, prefixBytes)]
    else if (part.length > 0) parts.push(part)
    if (length > lineBytesMax && keptBytes < prefixBytes) parts.push(part.subarray(0, prefixBytes - keptBytes))
  }
  const endLine = (): void => {
    const line = Buffer.concat(parts)
    if (length > lineBytesMax) refuseLong(line, handlers)
    else if (line.length > 0) {
      const passedLine = filterLine(line)
      if (passedLine !== undefined) output.write(Buffer.concat([passedLine, Buffer.from('\n')]))
    }
    parts = []
    length = 0
  }
  input.on('data', (chunk: Buffer) => {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      addPart(chunk.subarray(start, end))
      endLine()
      start = end + 1
    }
    addPart(chunk.subarray(start))
  })
  // Input without a line break at the end is an incomplete message.
  input.once('end', () => output.end())
  input.once('close', () => output.end())
  return output
}

const refuse = ({ answer }: RejectHandlers, id: string | number, message: string): void =>
  answer({ jsonrpc: '2.0', id, error: { code: invalidRequest, message } })

const refuseLong = (prefix: Buffer, handlers: RejectHandlers): void => {
  const message = `a message has at most ${lineBytesMax / 1024 / 1024} MiB; this one was ignored`
  const [, text] =
    /^\s*\{(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*|"method"\s*:\s*"[^"\\]*"\s*,\s*)*"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d{1,15})[\s,}]/.exec(
      prefix.toString('latin1'),
    ) ?? []
  if (text === undefined) handlers.report(new Error(message))
  else refuse(handlers, JSON.parse(text) as string | number, message)
}

/** Returns a filter for lines; undefined: the line is dropped. Calls pass once the protocol version is known. */
const createLineFilter = (handlers: RejectHandlers): ((line: Buffer) => Buffer | undefined) => {
  let isProtocolKnown = false
  return line => {
    const message = parseLine(line)
    if (message === undefined) {
      handlers.report(new Error('ignored a line that is not a protocol message'))
      return undefined
    }
    if (Array.isArray(message)) {
      for (const each of message.slice(0, 100)) refuseRequest(each, 'the protocol has no batches', handlers)
      return undefined
    }
    if (!isMessage(message)) return refuseRequest(message, 'this is not a valid request', handlers)
    isProtocolKnown ||= message['method'] === 'initialize' || namesProtocol(message)
    if (isProtocolKnown || message['method'] === 'ping') return fixArguments(message) ?? line
    return refuseRequest(message, 'initialize must come first', handlers)
  }
}

const refuseRequest = (message: unknown, reason: string, handlers: RejectHandlers): undefined => {
  const id = isObject(message) ? message['id'] : undefined
  if (typeof id === 'string' || Number.isSafeInteger(id)) refuse(handlers, id as string | number, reason)
  else handlers.report(new Error(`${reason}: ignored a message`))
  return undefined
}

/**
 * Fixes a call whose `arguments` are `null`, as some languages write an empty map, or JSON in a string. undefined:
 * nothing to fix.
 */
const fixArguments = ({ params, ...message }: ProtocolMessage): Buffer | undefined => {
  if (message['method'] !== 'tools/call' || !isObject(params)) return undefined
  const { arguments: args, ...rest } = params
  if (args !== null && typeof args !== 'string') return undefined
  const parsedArgs = args === null ? E.right({}) : parseJson(args)
  if (E.isLeft(parsedArgs) || !isObject(parsedArgs.right)) return undefined
  return Buffer.from(JSON.stringify({ ...message, params: { ...rest, arguments: parsedArgs.right } }))
}

const parseLine = (line: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)) as unknown
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is ProtocolMessage =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isMessage = (message: unknown): message is ProtocolMessage => {
  if (!isObject(message) || message['jsonrpc'] !== '2.0') return false
  const { method, params } = message
  if (method === undefined) return 'result' in message || 'error' in message
  return typeof method === 'string' && (params === undefined || isObject(params))
}

const namesProtocol = ({ params }: ProtocolMessage): boolean => {
  const meta = isObject(params) ? params['_meta'] : undefined
  return isObject(meta) && meta[PROTOCOL_VERSION_META_KEY] !== undefined
}
