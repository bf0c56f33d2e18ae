import { toPrintable } from '@claimlog/client/unstable-internals'
import { isTerminal, print } from '../../output/output.ts'

/** Output is printed in pieces of about this size. */
const pieceCharacters = 64 * 1024

/** Escapes control characters for a terminal only; files and programs get them unchanged. Keeps the CRLF of CSV. */
const forReader = (text: string): string => (isTerminal() ? text.replace(/(?:[^\r\n]|\r(?!\n))+/g, toPrintable) : text)

/** Prints a text given in small parts, joined into larger pieces; `flush` prints the rest. */
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
