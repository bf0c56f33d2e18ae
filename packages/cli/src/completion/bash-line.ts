/** A word of a command line as bash reads it, and the quote that is open at its end. */
type Read = { readonly value: string; readonly quote: "'" | '"' | undefined; readonly end: number }

/** What is escaped by a backslash between double quotes; before anything else the backslash is one. */
const escapedInQuotes = /[$`"\\\n]/

/** Reads a word from `from` on, up to white space outside quotes. Nothing is expanded, let alone run. */
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

/** A word as a shell reads it, also where a quote is open at its end. */
export const unquoted = (typed: string): string => readWord(typed, 0).value

/** A command line up to the cursor: its words, and how a word is put in the place of what is being completed. */
export type BashLine = { readonly words: ReadonlyArray<string>; readonly inserted: (word: string) => string }

/**
 * Reads `line`, a command line up to the cursor as it was typed. `replaced` is the end of it that bash will put something
 * else for: where it breaks words, at `:` and `=` too, and after an open quote, is its own rule.
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

/** Text as bash takes it literally where it stands after the quote that is open, if one is. */
const escaped = (text: string, quote: Read['quote']): string => {
  // bash puts the quote that closes it after the word, unless that ends in such a quote already.
  if (quote === "'") return text.replaceAll("'", "'\\''").replace(/'\\''$/, "'\\'")
  // No backslash keeps a `!` between double quotes from being looked up in the history.
  if (quote === '"')
    return text
      .replace(/[$`"\\]/g, '\\$&')
      .replaceAll('!', `"'!'"`)
      .replace(/"$/, '""')
  return text.replace(/[^\w@%+=:,./\u0080-\u{10ffff}-]/gu, '\\$&')
}
