/** The first `most` units of UTF-16 of `text`, without the half of a character that a cut would leave at the end. */
export const beginningOf = (text: string, most: number): string => {
  const beginning = text.slice(0, most)
  return beginning.length < text.length ? beginning.replace(firstHalfAtEnd, '') : beginning
}

/** Of a character that takes two units. */
const firstHalfAtEnd = /[\ud800-\udbff]$/
