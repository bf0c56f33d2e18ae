import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { RemovedEdit } from './agent.ts'

/** The start and the end of a comment line in a file format. */
export type CommentStyle = { readonly before: string; readonly after: string }

export const markdownComment: CommentStyle = { before: '<!-- ', after: ' -->' }
export const tomlComment: CommentStyle = { before: '# ', after: '' }

const beginMarker = 'claimlog:begin'
const endMarker = 'claimlog:end'
const createdSuffix = ', file created by setup'

/** The content of a block's first line: the agents that share it, and whether setup created the file. */
type Heading = { readonly sharers: ReadonlyArray<string>; readonly isCreatedBySetup: boolean }

/** A block in a text: its range from the start of the first line to the end of the last, and its heading. */
type ManagedBlock = Heading & { readonly start: number; readonly stop: number }

/**
 * Adds a block with `body` between two comment lines; the first one names the agents that share it. An existing block
 * is updated in place; a new one is appended. `text` is undefined if there is no file. Left: the existing markers are
 * not a pair.
 */
export const putBlock = (
  text: string | undefined,
  style: CommentStyle,
  body: string,
  sharer: string,
): E.Either<string, string> =>
  pipe(
    findBlock(text ?? '', style),
    E.map(block => {
      const eol = detectLineEnd(text ?? '')
      const formatBlock = (heading: Heading): string =>
        [beginLine(style, heading), ...body.split('\n'), endLine(style)].join(eol)
      const newBlock = formatBlock({ sharers: [sharer], isCreatedBySetup: text === undefined })
      if (text === undefined || text === '') return newBlock + eol
      if (block !== undefined) {
        const sharers = block.sharers.includes(sharer) ? block.sharers : [...block.sharers, sharer]
        return text.slice(0, block.start) + formatBlock({ ...block, sharers }) + text.slice(block.stop)
      }
      // No line break is added to the last line of a text without one, so that the edit can be reverted byte for byte.
      return text.endsWith('\n') ? text + eol + newBlock + eol : text + eol + eol + newBlock
    }),
  )

/** Removes the block or, if other agents share it, the name of this agent. */
export const removeBlock = (text: string, style: CommentStyle, sharer: string): E.Either<string, RemovedEdit> =>
  pipe(
    findBlock(text, style),
    E.map(block =>
      block === undefined ? { text, isCreatedBySetup: false } : removeSharer(text, style, block, sharer),
    ),
  )

const removeSharer = (text: string, style: CommentStyle, block: ManagedBlock, sharer: string): RemovedEdit => {
  const { start, stop } = block
  const sharers = block.sharers.filter(each => each !== sharer)
  if (sharers.length > 0) {
    const rest = text.slice(findLineEnd(text, start))
    const isShared = sharers.length < block.sharers.length
    const remaining = isShared ? text.slice(0, start) + beginLine(style, { ...block, sharers }) + rest : text
    return { text: remaining, isCreatedBySetup: false }
  }
  const remaining = joinLines(text.slice(0, start), text.slice(stop))
  return { text: remaining, isCreatedBySetup: block.isCreatedBySetup && remaining.trim() === '' }
}

/** True if a text has the block, or markers that are not a pair. */
export const hasBlock = (text: string, style: CommentStyle): boolean => {
  const block = findBlock(text, style)
  return E.isLeft(block) || block.right !== undefined
}

/** The line break of a text, taken from its first line. */
export const detectLineEnd = (text: string): string => (/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n')

/** Joins the text before and after a block, without the empty line that was added with it. */
const joinLines = (before: string, after: string): string => {
  if (after === '') return before.replace(/\r?\n\r?\n$/, '')
  const rest = after.replace(/^\r?\n/, '')
  return before.replace(/\r?\n$/, '') + rest
}

const findBlock = (text: string, style: CommentStyle): E.Either<string, ManagedBlock | undefined> => {
  const begins: Array<{ readonly start: number; readonly line: number; readonly heading: Heading }> = []
  const ends: Array<{ readonly stop: number; readonly line: number }> = []
  let offset = 0
  for (const [index, rawLine] of text.split('\n').entries()) {
    const line = rawLine.replace(/\r$/, '')
    const heading = parseHeading(line, style)
    if (heading !== undefined) begins.push({ start: offset, line: index + 1, heading })
    if (line.trim() === endLine(style)) ends.push({ stop: offset + line.length, line: index + 1 })
    offset += rawLine.length + 1
  }
  const [first, second] = begins
  const [last, secondEnd] = ends
  if (first === undefined && last === undefined) return E.right(undefined)
  if (second !== undefined) return E.left(`line ${second.line} has a second ${beginMarker}`)
  if (secondEnd !== undefined) return E.left(`line ${secondEnd.line} has a second ${endMarker}`)
  if (first === undefined) return E.left(`line ${last?.line} has ${endMarker}, but there is no ${beginMarker}`)
  if (last === undefined) return E.left(`line ${first.line} has ${beginMarker}, but there is no ${endMarker}`)
  if (last.line < first.line)
    return E.left(`line ${last.line} has ${endMarker}, before ${beginMarker} in line ${first.line}`)
  return E.right<string, ManagedBlock>({ start: first.start, stop: last.stop, ...first.heading })
}

/** Parses the first line of a block; undefined: the line is something else. */
const parseHeading = (line: string, { before, after }: CommentStyle): Heading | undefined => {
  const text = line.trim()
  if (!text.startsWith(before + beginMarker) || !text.endsWith(after)) return undefined
  const headingText = text.slice(before.length + beginMarker.length, text.length - after.length)
  if (headingText === '') return { sharers: [], isCreatedBySetup: false }
  const [, names, createdMark] = /^ \(([a-z, -]*)\)(, file created by setup)?$/.exec(headingText) ?? []
  return names === undefined
    ? undefined
    : { sharers: names.split(/, */).filter(name => name !== ''), isCreatedBySetup: createdMark !== undefined }
}

const beginLine = ({ before, after }: CommentStyle, { sharers, isCreatedBySetup }: Heading): string =>
  `${before}${beginMarker} (${sharers.join(', ')})${isCreatedBySetup ? createdSuffix : ''}${after}`

const endLine = ({ before, after }: CommentStyle): string => `${before}${endMarker}${after}`

const findLineEnd = (text: string, start: number): number => {
  const offset = text.indexOf('\n', start)
  return text[offset - 1] === '\r' ? offset - 1 : offset
}
