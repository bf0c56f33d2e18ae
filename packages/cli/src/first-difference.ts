/** Where two texts differ first, in words: the line's number and what stands there in each. */
export const firstDifference = (found: string, expected: string): string => {
  const [inFound, inExpected] = [found.split('\n'), expected.split('\n')]
  const index = inExpected.findIndex((line, i) => inFound[i] !== line)
  const at = index === -1 ? inExpected.length : index
  return `line ${at + 1} is ${shown(inFound[at])}, and should be ${shown(inExpected[at])}`
}

const shown = (line: string | undefined): string => (line === undefined ? 'missing' : JSON.stringify(line.trim()))
