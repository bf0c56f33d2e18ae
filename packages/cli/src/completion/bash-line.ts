/** A word of a command line as bash parses it, and the quote that is open at its end. */
type ParsedWord = { readonly value: string; readonly quote: "'" | '"' | undefined; readonly end: number }

/** The characters that a backslash escapes between double quotes; before any other it is literal. */
const escapedInQuotes = /[$`"\\\n]/

/** Parses a word from `from` on, up to white space outside quotes. Nothing is expanded or executed. */
const parseWord = (line: string, from: number): ParsedWord => {
  let value = ''
  let quote: ParsedWord['quote']
  let index = from
  for (; index < line.length; index += 1) {
    const character = line.charAt(index)
    const next = line.charAt(index + 1)
    if (character === quote) quote = undefined
    else if (quote === "'") value += character
    else if (character === '\\' && (quote === undefined || escapedInQuotes.test(next))) {
      index += 1
      value += next === '\n' ? '' : next
    } else if (quote === '"') value += character
    else if (character === "'" || character === '"') quote = character
    else if (/\s/.test(character)) break
    else value += character
  }
  return { value, quote, end: Math.min(index, line.length) }
}

/** A word without its quoting; a quote may be open at its end. */
export const unquote = (typed: string): string => parseWord(typed, 0).value

/** A command line up to the cursor: its words, and `complete`, the text that completes the last one to a given word. */
export type BashLine = { readonly words: ReadonlyArray<string>; readonly complete: (word: string) => string }

/**
 * Parses `line`, a command line up to the cursor as it was typed. `replaced` is the part at its end that bash will replace:
 * bash has its own rules for breaking words, also at `:` and `=` and after an open quote.
 */
export const parseBashLine = (line: string, replaced: string): BashLine => {
  const words: Array<string> = []
  let start = 0
  for (let end = -1; end < line.length;) {
    start = Math.max(end, 0)
    while (/\s/.test(line.charAt(start))) start += 1
    const parsedWord = parseWord(line, start)
    words.push(parsedWord.value)
    end = parsedWord.end
  }
  const from = line.endsWith(replaced) ? line.length - replaced.length : start
  const keptWord = parseWord(line.slice(start, Math.max(start, from)), 0)
  return { words, complete: word => escapeText(word.slice(keptWord.value.length), keptWord.quote) }
}

/** Escapes text so that bash takes it literally after the open quote, if there is one. */
const escapeText = (text: string, quote: ParsedWord['quote']): string => {
  // bash appends the closing quote to the word, unless the word ends in such a quote already.
  if (quote === "'") return text.replaceAll("'", "'\\''").replace(/'\\''$/, "'\\'")
  // Between double quotes a backslash does not stop history expansion of `!`.
  if (quote === '"')
    return text
      .replace(/[$`"\\]/g, '\\$&')
      .replaceAll('!', `"'!'"`)
      .replace(/"$/, '""')
  return text.replace(/[^\w@%+=:,./\u0080-\u{10ffff}-]/gu, '\\$&')
}
