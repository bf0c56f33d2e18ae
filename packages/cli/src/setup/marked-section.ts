import * as E from 'fp-ts/lib/Either.js'

/** How a line of comment begins and ends in a kind of file. */
export type CommentStyle = { readonly before: string; readonly after: string }

export const markdownComment: CommentStyle = { before: '<!-- ', after: ' -->' }
export const tomlComment: CommentStyle = { before: '# ', after: '' }

const begin = 'claimlog:begin'
const end = 'claimlog:end'

/** Where the section stands in a text, from the start of its first line to the end of its last, and who shares it. */
type Section = { readonly from: number; readonly to: number; readonly sharers: ReadonlyArray<string> }

/**
 * `text` with a section of `body` between two lines of comment, the first of which names the agents that share it. One that
 * is there is brought up to date in place; a new one comes last. Left: what is wrong with the marks that are there.
 */
export const putSection = (
  text: string,
  style: CommentStyle,
  body: string,
  sharer: string,
): E.Either<string, string> => {
  const found = findSection(text, style)
  if (E.isLeft(found)) return found
  const eol = lineEndOf(text)
  const written = (sharers: ReadonlyArray<string>): string =>
    [beginLine(style, sharers), ...body.split('\n'), endLine(style)].join(eol)
  const { right: section } = found
  if (section !== undefined) {
    const sharers = section.sharers.includes(sharer) ? section.sharers : [...section.sharers, sharer]
    return E.right(text.slice(0, section.from) + written(sharers) + text.slice(section.to))
  }
  if (text === '') return E.right(written([sharer]) + eol)
  // A text without an end of its last line keeps that: so can it be taken back byte for byte.
  return E.right(text.endsWith('\n') ? text + eol + written([sharer]) + eol : text + eol + eol + written([sharer]))
}

/** `text` without the section, or where other agents share it, without this one's name in it. */
export const removeSection = (text: string, style: CommentStyle, sharer: string): E.Either<string, string> => {
  const found = findSection(text, style)
  if (E.isLeft(found)) return found
  const { right: section } = found
  if (section === undefined) return E.right(text)
  const { from, to } = section
  const others = section.sharers.filter(each => each !== sharer)
  if (others.length > 0) {
    if (others.length === section.sharers.length) return E.right(text)
    return E.right(text.slice(0, from) + beginLine(style, others) + text.slice(lineEndAfter(text, from)))
  }
  return E.right(withoutLines(text.slice(0, from), text.slice(to)))
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
  const begins: Array<{ readonly at: number; readonly line: number; readonly sharers: ReadonlyArray<string> }> = []
  const ends: Array<{ readonly to: number; readonly line: number }> = []
  let at = 0
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(/\r$/, '')
    const sharers = sharersIn(line, style)
    if (sharers !== undefined) begins.push({ at, line: index + 1, sharers })
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
  return E.right({ from: first.at, to: last.to, sharers: first.sharers })
}

/** The agents that a line names which begins a section; undefined: it is no such line. */
const sharersIn = (line: string, { before, after }: CommentStyle): ReadonlyArray<string> | undefined => {
  const text = line.trim()
  if (!text.startsWith(before + begin) || !text.endsWith(after)) return undefined
  const said = text.slice(before.length + begin.length, text.length - after.length)
  if (said === '') return []
  return /^ \(([a-z, -]*)\)$/
    .exec(said)?.[1]
    ?.split(/, */)
    .filter(name => name !== '')
}

const beginLine = ({ before, after }: CommentStyle, sharers: ReadonlyArray<string>): string =>
  `${before}${begin} (${sharers.join(', ')})${after}`

const endLine = ({ before, after }: CommentStyle): string => `${before}${end}${after}`

const lineEndAfter = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return text[at - 1] === '\r' ? at - 1 : at
}
