import { printable } from '@claimlog/client/unstable-internals'
import { isTerminal, print } from '../../output/output.ts'

/** As much as is printed at once. */
const pieceCharacters = 64 * 1024

/** A terminal obeys some characters that a file or a program is to have as they are; a line may end as CSV has it. */
const forReader = (text: string): string => (isTerminal() ? text.replace(/(?:[^\r\n]|\r(?!\n))+/g, printable) : text)

/** Prints parts of one text, joined to pieces; `flush` prints what is left. */
export const pieces = (): { readonly add: (part: string) => void; readonly flush: () => void } => {
  let waiting = ''
  const flush = (): void => {
    if (waiting !== '') print(forReader(waiting))
    waiting = ''
  }
  return {
    flush,
    add: part => {
      waiting += part
      if (waiting.length >= pieceCharacters) flush()
    },
  }
}
