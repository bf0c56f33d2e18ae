/** Quotes a word for a POSIX shell, so that a hint can be pasted even if a name in it has special characters. */
export const shellQuote = (word: string): string => {
  const quoted = /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  return word.startsWith('-') ? `-- ${quoted}` : quoted
}
