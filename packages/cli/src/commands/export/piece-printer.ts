import { toPrintable } from '@claimlog/client/unstable-internals'
import { isStdoutTerminal, writeStdout } from '../../output/output.ts'

/** Output is printed in pieces of about this size. */
const pieceCharactersMax = 64 * 1024

/** Escapes control characters for a terminal only; files and programs get them unchanged. Keeps the CRLF of CSV. */
const escapeForTerminal = (text: string): string =>
  isStdoutTerminal() ? text.replace(/(?:[^\r\n]|\r(?!\n))+/g, toPrintable) : text

/** Prints a text given in small parts, joined into larger pieces; `flush` prints the rest. */
export const createPiecePrinter = (): { readonly add: (part: string) => void; readonly flush: () => void } => {
  let pending = ''
  const flush = (): void => {
    if (pending !== '') writeStdout(escapeForTerminal(pending))
    pending = ''
  }
  return {
    flush,
    add: part => {
      pending += part
      if (pending.length >= pieceCharactersMax) flush()
    },
  }
}
