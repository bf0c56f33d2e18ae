import { PassThrough, type Readable } from 'node:stream'
import * as E from 'fp-ts/lib/Either.js'
import { parseJson } from '@claimlog/client/unstable-internals'
import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server'

/** More than any call needs. A longer line is refused and not kept in memory. */
const lineBytesMax = 10 * 1024 * 1024
/** The start of a longer line that is kept to find its id. */
const prefixBytes = 64 * 1024

const invalidRequest = -32_600

type Message = Readonly<Record<string, unknown>>

/** The handlers for messages that are not passed on. */
type Outlet = {
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
export const guardedInput = (input: Readable, outlet: Outlet): PassThrough => {
  const output = new PassThrough()
  const admit = admission(outlet)
  let parts: Array<Buffer> = []
  let length = 0
  const take = (part: Buffer): void => {
    length += part.length
    const kept = parts.reduce((sum, each) => sum + each.length, 0)
    if (length > lineBytesMax) parts = [Buffer.concat(parts).subarray(0, prefixBytes)]
    else if (part.length > 0) parts.push(part)
    if (length > lineBytesMax && kept < prefixBytes) parts.push(part.subarray(0, prefixBytes - kept))
  }
  const endLine = (): void => {
    const line = Buffer.concat(parts)
    if (length > lineBytesMax) refuseLong(line, outlet)
    else if (line.length > 0) {
      const admitted = admit(line)
      if (admitted !== undefined) output.write(Buffer.concat([admitted, Buffer.from('\n')]))
    }
    parts = []
    length = 0
  }
  input.on('data', (chunk: Buffer) => {
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, end))
      endLine()
      from = end + 1
    }
    take(chunk.subarray(from))
  })
  // Input without a line break at the end is an incomplete message.
  input.once('end', () => output.end())
  input.once('close', () => output.end())
  return output
}

const refuse = ({ answer }: Outlet, id: string | number, message: string): void =>
  answer({ jsonrpc: '2.0', id, error: { code: invalidRequest, message } })

const refuseLong = (start: Buffer, outlet: Outlet): void => {
  const message = `a message has at most ${lineBytesMax / 1024 / 1024} MiB; this one was ignored`
  const [, text] =
    /^\s*\{(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*|"method"\s*:\s*"[^"\\]*"\s*,\s*)*"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d{1,15})[\s,}]/.exec(
      start.toString('latin1'),
    ) ?? []
  if (text === undefined) outlet.report(new Error(message))
  else refuse(outlet, JSON.parse(text) as string | number, message)
}

/** Returns a filter for lines; undefined: the line is dropped. Calls pass once the protocol version is known. */
const admission = (outlet: Outlet): ((line: Buffer) => Buffer | undefined) => {
  let isOpen = false
  return line => {
    const message = parsed(line)
    if (message === undefined) {
      outlet.report(new Error('ignored a line that is not a protocol message'))
      return undefined
    }
    if (Array.isArray(message)) {
      for (const each of message.slice(0, 100)) refuseIfAsked(each, 'the protocol has no batches', outlet)
      return undefined
    }
    if (!isMessage(message)) return refuseIfAsked(message, 'this is not a valid request', outlet)
    isOpen ||= message['method'] === 'initialize' || namesProtocol(message)
    if (isOpen || message['method'] === 'ping') return withArguments(message) ?? line
    return refuseIfAsked(message, 'initialize must come first', outlet)
  }
}

const refuseIfAsked = (message: unknown, why: string, outlet: Outlet): undefined => {
  const id = isObject(message) ? message['id'] : undefined
  if (typeof id === 'string' || Number.isSafeInteger(id)) refuse(outlet, id as string | number, why)
  else outlet.report(new Error(`${why}: ignored a message`))
  return undefined
}

/**
 * Fixes a call whose `arguments` are `null`, as some languages write an empty map, or JSON in a string. undefined:
 * nothing to fix.
 */
const withArguments = ({ params, ...message }: Message): Buffer | undefined => {
  if (message['method'] !== 'tools/call' || !isObject(params)) return undefined
  const { arguments: given, ...rest } = params
  if (given !== null && typeof given !== 'string') return undefined
  const meant = given === null ? E.right({}) : parseJson(given)
  if (E.isLeft(meant) || !isObject(meant.right)) return undefined
  return Buffer.from(JSON.stringify({ ...message, params: { ...rest, arguments: meant.right } }))
}

const parsed = (line: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)) as unknown
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isMessage = (message: unknown): message is Message => {
  if (!isObject(message) || message['jsonrpc'] !== '2.0') return false
  const { method, params } = message
  if (method === undefined) return 'result' in message || 'error' in message
  return typeof method === 'string' && (params === undefined || isObject(params))
}

const namesProtocol = ({ params }: Message): boolean => {
  const meta = isObject(params) ? params['_meta'] : undefined
  return isObject(meta) && meta[PROTOCOL_VERSION_META_KEY] !== undefined
}
