import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Removed } from './agent.ts'

/** The start and the end of a comment line in a file format. */
export type CommentStyle = { readonly before: string; readonly after: string }

export const markdownComment: CommentStyle = { before: '<!-- ', after: ' -->' }
export const tomlComment: CommentStyle = { before: '# ', after: '' }

const begin = 'claimlog:begin'
const end = 'claimlog:end'
const createdSuffix = ', file created by setup'

/** The content of a block's first line: the agents that share it, and whether setup created the file. */
type Heading = { readonly sharers: ReadonlyArray<string>; readonly isOwnFile: boolean }

/** A block in a text: its range from the start of the first line to the end of the last, and its heading. */
type Section = Heading & { readonly from: number; readonly to: number }

/**
 * Adds a block with `body` between two comment lines; the first one names the agents that share it. An existing block
 * is updated in place; a new one is appended. `text` is undefined if there is no file. Left: the existing markers are
 * not a pair.
 */
export const putSection = (
  text: string | undefined,
  style: CommentStyle,
  body: string,
  sharer: string,
): E.Either<string, string> =>
  pipe(
    findSection(text ?? '', style),
    E.map(section => {
      const eol = lineEndOf(text ?? '')
      const written = (heading: Heading): string =>
        [beginLine(style, heading), ...body.split('\n'), endLine(style)].join(eol)
      const alone = written({ sharers: [sharer], isOwnFile: text === undefined })
      if (text === undefined || text === '') return alone + eol
      if (section !== undefined) {
        const sharers = section.sharers.includes(sharer) ? section.sharers : [...section.sharers, sharer]
        return text.slice(0, section.from) + written({ ...section, sharers }) + text.slice(section.to)
      }
      // No line break is added to the last line of a text without one, so that the edit can be reverted byte for byte.
      return text.endsWith('\n') ? text + eol + alone + eol : text + eol + eol + alone
    }),
  )

/** Removes the block or, if other agents share it, the name of this agent. */
export const removeSection = (text: string, style: CommentStyle, sharer: string): E.Either<string, Removed> =>
  pipe(
    findSection(text, style),
    E.map(section =>
      section === undefined ? { text, isOwnFile: false } : withoutSharer(text, style, section, sharer),
    ),
  )

const withoutSharer = (text: string, style: CommentStyle, section: Section, sharer: string): Removed => {
  const { from, to } = section
  const sharers = section.sharers.filter(each => each !== sharer)
  if (sharers.length > 0) {
    const rest = text.slice(lineEndAfter(text, from))
    const isShared = sharers.length < section.sharers.length
    const left = isShared ? text.slice(0, from) + beginLine(style, { ...section, sharers }) + rest : text
    return { text: left, isOwnFile: false }
  }
  const left = withoutLines(text.slice(0, from), text.slice(to))
  return { text: left, isOwnFile: section.isOwnFile && left.trim() === '' }
}

/** True if a text has the block, or markers that are not a pair. */
export const hasSection = (text: string, style: CommentStyle): boolean => {
  const found = findSection(text, style)
  return E.isLeft(found) || found.right !== undefined
}

/** The line break of a text, taken from its first line. */
export const lineEndOf = (text: string): string => (/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n')

/** Joins the text before and after a block, without the empty line that was added with it. */
const withoutLines = (before: string, after: string): string => {
  if (after === '') return before.replace(/\r?\n\r?\n$/, '')
  const rest = after.replace(/^\r?\n/, '')
  return before.replace(/\r?\n$/, '') + rest
}

const findSection = (text: string, style: CommentStyle): E.Either<string, Section | undefined> => {
  const begins: Array<{ readonly at: number; readonly line: number; readonly heading: Heading }> = []
  const ends: Array<{ readonly to: number; readonly line: number }> = []
  let at = 0
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(/\r$/, '')
    const heading = headingIn(line, style)
    if (heading !== undefined) begins.push({ at, line: index + 1, heading })
    if (line.trim() === endLine(style)) ends.push({ to: at + line.length, line: index + 1 })
    at += whole.length + 1
  }
  const [first, second] = begins
  const [last, another] = ends
  if (first === undefined && last === undefined) return E.right(undefined)
  if (second !== undefined) return E.left(`line ${second.line} has a second ${begin}`)
  if (another !== undefined) return E.left(`line ${another.line} has a second ${end}`)
  if (first === undefined) return E.left(`line ${last?.line} has ${end}, but there is no ${begin}`)
  if (last === undefined) return E.left(`line ${first.line} has ${begin}, but there is no ${end}`)
  if (last.line < first.line) return E.left(`line ${last.line} has ${end}, before ${begin} in line ${first.line}`)
  return E.right<string, Section>({ from: first.at, to: last.to, ...first.heading })
}

/** Parses the first line of a block; undefined: the line is something else. */
const headingIn = (line: string, { before, after }: CommentStyle): Heading | undefined => {
  const text = line.trim()
  if (!text.startsWith(before + begin) || !text.endsWith(after)) return undefined
  const said = text.slice(before.length + begin.length, text.length - after.length)
  if (said === '') return { sharers: [], isOwnFile: false }
  const [, names, own] = /^ \(([a-z, -]*)\)(, file created by setup)?$/.exec(said) ?? []
  return names === undefined
    ? undefined
    : { sharers: names.split(/, */).filter(name => name !== ''), isOwnFile: own !== undefined }
}

const beginLine = ({ before, after }: CommentStyle, { sharers, isOwnFile }: Heading): string =>
  `${before}${begin} (${sharers.join(', ')})${isOwnFile ? createdSuffix : ''}${after}`

const endLine = ({ before, after }: CommentStyle): string => `${before}${end}${after}`

const lineEndAfter = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return text[at - 1] === '\r' ? at - 1 : at
}
