import { inspect, types } from 'node:util'
import { WorkStopped } from './work-handler.ts'

/** The longest stack in the log, in bytes. */
const stackBytesMax = 4096

/** Frames of each error; V8 captures as many by default. */
const framesMax = 10

/** Errors in one stack: causes, and the errors of an `AggregateError`. A getter can return a new cause each time. */
const errorsMax = 10

const messageLengthMax = 300

/**
 * The message of a thrown value, which can be anything: an object without a prototype, an error whose message is not a
 * string, a proxy. A value that is not an error is printed.
 */
export const errorText = (thrown: unknown): string => {
  try {
    if (!isError(thrown)) return printValue(thrown)
    return readText(thrown, 'message') || aggregateText(thrown) || errorName(thrown)
  } catch {
    return 'the handler threw a value that cannot be converted to text'
  }
}

/**
 * The origin of an error: its class unless that is `Error`, its frames, and after `caused by: ` each cause in the same
 * way, in at most 4 KiB. Frames of Node and of claimlog are left out. undefined: not an error, or its origin is unknown.
 */
export const stackText = (thrown: unknown): string | undefined => {
  try {
    // Claimlog itself creates a WorkStopped, so its stack shows nothing.
    if (!isError(thrown) || thrown instanceof WorkStopped) return undefined
    const name = errorName(thrown)
    const lines = [...(name === 'Error' ? [] : [name]), ...listFrames(thrown), ...listCauses(thrown)]
    return lines.length === 1 && lines[0] === name ? undefined : clip(lines) || undefined
  } catch {
    return undefined
  }
}

/** True for errors of other realms, too, such as those of a test runner. */
const isError = (thrown: unknown): thrown is Error => thrown instanceof Error || types.isNativeError(thrown)

const printValue = (thrown: unknown): string => {
  if (typeof thrown !== 'object' || thrown === null) return String(thrown)
  const message = readText(thrown, 'message')
  if (message !== '') return message
  return inspect(thrown, { breakLength: Infinity })
}

/** Node's connection errors are aggregates without a message. An aggregate may contain itself. */
const aggregateText = (error: Error): string =>
  aggregatedErrors(error)
    .map(inner => (isError(inner) ? readText(inner, 'message') || errorName(inner) : printValue(inner)))
    .join('; ')

const aggregatedErrors = (error: Error): ReadonlyArray<unknown> => {
  const errors = readProperty(error, 'errors')
  return Array.isArray(errors) && errorName(error) === 'AggregateError' ? errors.slice(0, errorsMax) : []
}

/** The value of a property; undefined: its getter throws. */
const readProperty = (value: object, name: string): unknown => {
  try {
    return (value as Readonly<Record<string, unknown>>)[name]
  } catch {
    return undefined
  }
}

const readText = (value: object, name: string): string => {
  const text = readProperty(value, name)
  return typeof text === 'string' || typeof text === 'number' ? String(text) : ''
}

/** The name that the error gives itself, else that of its class. */
const errorName = (error: Error): string => {
  const name = readText(error, 'name')
  if (name !== '' && name !== 'Error') return shorten(name)
  const constructor = readProperty(error, 'constructor')
  return (typeof constructor === 'function' && readText(constructor, 'name')) || 'Error'
}

const listFrames = (error: Error): ReadonlyArray<string> => {
  const stack = readText(error, 'stack')
  const message = readText(error, 'message')
  // A line of the message may look like a frame.
  const messageStart = message === '' ? -1 : stack.indexOf(message)
  const frames = stack
    .slice(messageStart === -1 ? 0 : messageStart + message.length)
    .slice(-16 * stackBytesMax)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line.startsWith('at ') && !isOmitted(line))
  const shown = frames.slice(0, framesMax).map(frame => `    ${shorten(frame)}`)
  return frames.length > framesMax ? [...shown, `    … ${frames.length - framesMax} more`] : shown
}

/** True for a frame of Node or of claimlog. In a program that was bundled with claimlog they have the program's path. */
const isOmitted = (frame: string): boolean =>
  /(?:\(|^at (?:async )?)node:/.test(frame) || /\/(?:node_modules|packages)\/@?claimlog\//.test(frame)

const listCauses = (error: Error): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const seen = new Set<unknown>([error])
  const pending = [...innerErrors(error)]
  while (pending.length > 0) {
    const cause = pending.shift()
    if (seen.size > errorsMax) return [...lines, '…']
    if (seen.has(cause)) lines.push(`caused by: ${describe(cause)}, again`)
    else {
      lines.push(`caused by: ${describe(cause)}`, ...(isError(cause) ? listFrames(cause) : []))
      if (isError(cause)) pending.unshift(...innerErrors(cause))
    }
    seen.add(cause)
  }
  return lines
}

const innerErrors = (error: Error): ReadonlyArray<unknown> => {
  const cause = readProperty(error, 'cause')
  return [...(cause === undefined ? [] : [cause]), ...aggregatedErrors(error)]
}

const describe = (cause: unknown): string => {
  const text = shorten(errorText(cause).split('\n', 1)[0] ?? '')
  if (!isError(cause)) return text
  const name = errorName(cause)
  return text === name ? name : `${name}: ${text}`
}

const shorten = (text: string): string =>
  text.length > messageLengthMax ? `${text.slice(0, messageLengthMax)} …` : text

/** The first lines, in at most {@link stackBytesMax} bytes; lone surrogates, which the log refuses, are replaced. */
const clip = (lines: ReadonlyArray<string>): string => {
  const kept: Array<string> = []
  let bytes = 0
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > stackBytesMax - Buffer.byteLength('…')) {
      kept.push('…')
      break
    }
    kept.push(line)
  }
  return Buffer.from(kept.join('\n')).toString()
}
