/** A word as a shell takes it literally, so that a hint can be pasted whatever the name in it is. */
export const shellQuote = (word: string): string => {
  const quoted = /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
  return word.startsWith('-') ? `-- ${quoted}` : quoted
}
