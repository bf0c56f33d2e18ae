import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the runs of a command under one token wrote. */
export type Journal = {
  readonly token: number
  readonly begun: ReadonlyArray<{ readonly taskId: string; readonly attempt: number; readonly token: number }>
  /** The tasks whose run came to its regular end. */
  readonly ended: ReadonlyArray<string>
}

/** All journals in a folder, by token. One without a line is of a run that was killed as it began. */
export const readJournals = (folder: string): ReadonlyMap<number, Journal> =>
  new Map(
    readdirSync(folder).flatMap(name => {
      const text = readFileSync(join(folder, name), 'utf8')
      return text === '' ? [] : [[Number(name), journal(Number(name), text)] as const]
    }),
  )

/** A journal of its text. What is no line of command.sh is an error. */
export const journal = (token: number, text: string): Journal => {
  const lines = text.split('\n').filter(line => line !== '')
  const words = lines.map(line => line.split(' '))
  const odd = lines.find(line => !/^(begin \S+ \d+ \d+ \d+|end \S+ \d+)$/.test(line))
  if (odd !== undefined) throw new Error(`the journal of token ${token} has a line that nobody wrote: ${odd}`)
  return {
    token,
    begun: words
      .filter(([what]) => what === 'begin')
      .map(([, taskId = '', attempt, own]) => ({ taskId, attempt: Number(attempt), token: Number(own) })),
    ended: words.filter(([what, , own]) => what === 'end' && Number(own) === token).map(([, taskId = '']) => taskId),
  }
}
