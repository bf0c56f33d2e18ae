/** Wraps text to lines of at most `columns`, at spaces only. */
export const wrapText = (
  text: string,
  columns: number,
  measureWidth: (text: string) => number = ({ length }) => length,
): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || measureWidth(last) + 1 + measureWidth(word) > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
