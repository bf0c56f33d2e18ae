/** A word of a command line as bash parses it, and the quote that is open at its end. */
type Read = { readonly value: string; readonly quote: "'" | '"' | undefined; readonly end: number }

/** The characters that a backslash escapes between double quotes; before any other it is literal. */
const escapedInQuotes = /[$`"\\\n]/

/** Parses a word from `from` on, up to white space outside quotes. Nothing is expanded or executed. */
const readWord = (line: string, from: number): Read => {
  let value = ''
  let quote: Read['quote']
  let at = from
  for (; at < line.length; at += 1) {
    const character = line.charAt(at)
    const next = line.charAt(at + 1)
    if (character === quote) quote = undefined
    else if (quote === "'") value += character
    else if (character === '\\' && (quote === undefined || escapedInQuotes.test(next))) {
      at += 1
      value += next === '\n' ? '' : next
    } else if (quote === '"') value += character
    else if (character === "'" || character === '"') quote = character
    else if (/\s/.test(character)) break
    else value += character
  }
  return { value, quote, end: Math.min(at, line.length) }
}

/** A word without its quoting; a quote may be open at its end. */
export const unquoted = (typed: string): string => readWord(typed, 0).value

/** A command line up to the cursor: its words, and `inserted`, the text that completes the last one to a given word. */
export type BashLine = { readonly words: ReadonlyArray<string>; readonly inserted: (word: string) => string }

/**
 * Parses `line`, a command line up to the cursor as it was typed. `replaced` is the part at its end that bash will replace:
 * bash has its own rules for breaking words, also at `:` and `=` and after an open quote.
 */
export const bashLine = (line: string, replaced: string): BashLine => {
  const words: Array<string> = []
  let start = 0
  for (let end = -1; end < line.length;) {
    start = Math.max(end, 0)
    while (/\s/.test(line.charAt(start))) start += 1
    const read = readWord(line, start)
    words.push(read.value)
    end = read.end
  }
  const from = line.endsWith(replaced) ? line.length - replaced.length : start
  const kept = readWord(line.slice(start, Math.max(start, from)), 0)
  return { words, inserted: word => escaped(word.slice(kept.value.length), kept.quote) }
}

/** Escapes text so that bash takes it literally after the open quote, if there is one. */
const escaped = (text: string, quote: Read['quote']): string => {
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
