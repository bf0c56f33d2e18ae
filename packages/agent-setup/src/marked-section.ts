import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Removed } from './agent.ts'

/** How a line of comment begins and ends in a kind of file. */
export type CommentStyle = { readonly before: string; readonly after: string }

export const markdownComment: CommentStyle = { before: '<!-- ', after: ' -->' }
export const tomlComment: CommentStyle = { before: '# ', after: '' }

const begin = 'claimlog:begin'
const end = 'claimlog:end'
const ownFile = ', file created by setup'

/** What the first line of a section says: the agents that share it, and whether set-up made the file. */
type Heading = { readonly sharers: ReadonlyArray<string>; readonly isOwnFile: boolean }

/** Where the section stands in a text, from the start of its first line to the end of its last, and what that says. */
type Section = Heading & { readonly from: number; readonly to: number }

/**
 * `text` with a section of `body` between two lines of comment, the first of which names the agents that share it. One that
 * is there is brought up to date in place; a new one comes last. `text` is undefined if there is no file. Left: what is
 * wrong with the marks that are there.
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
      // A text without an end of its last line keeps that: so can it be taken back byte for byte.
      return text.endsWith('\n') ? text + eol + alone + eol : text + eol + eol + alone
    }),
  )

/** `text` without the section, or if other agents share it, without this one's name in it. */
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

/** Whether a text has the section, or marks of it that are not a pair. */
export const hasSection = (text: string, style: CommentStyle): boolean => {
  const found = findSection(text, style)
  return E.isLeft(found) || found.right !== undefined
}

/** How the lines of a text end: as the first of them does. */
export const lineEndOf = (text: string): string => (/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n')

/** What stood before and after a section, without the empty line that came with it. */
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
  if (first === undefined) return E.left(`line ${last?.line} has ${end}, and there is no ${begin}`)
  if (last === undefined) return E.left(`line ${first.line} has ${begin}, and there is no ${end}`)
  if (last.line < first.line) return E.left(`line ${last.line} has ${end}, before ${begin} in line ${first.line}`)
  return E.right({ from: first.at, to: last.to, ...first.heading })
}

/** What a line says that begins a section; undefined: it is no such line. */
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
  `${before}${begin} (${sharers.join(', ')})${isOwnFile ? ownFile : ''}${after}`

const endLine = ({ before, after }: CommentStyle): string => `${before}${end}${after}`

const lineEndAfter = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return text[at - 1] === '\r' ? at - 1 : at
}
