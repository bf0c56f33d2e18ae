import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The journal written by the runs of a command under one token. */
export type Journal = {
  readonly token: number
  readonly starts: ReadonlyArray<{ readonly taskId: string; readonly attempt: number; readonly token: number }>
  /** The tasks whose run ended regularly. */
  readonly endedTaskIds: ReadonlyArray<string>
}

/** All journals in a folder, by token. An empty one belongs to a run that was killed as it began. */
export const readJournals = (folder: string): ReadonlyMap<number, Journal> =>
  new Map(
    readdirSync(folder).flatMap(name => {
      const text = readFileSync(join(folder, name), 'utf8')
      return text === '' ? [] : [[Number(name), parseJournal(Number(name), text)] as const]
    }),
  )

/** Parses a journal. Throws at a line that command.sh does not write. */
export const parseJournal = (token: number, text: string): Journal => {
  const lines = text.split('\n').filter(line => line !== '')
  const words = lines.map(line => line.split(' '))
  const invalidLine = lines.find(line => !/^(begin \S+ \d+ \d+ \d+|end \S+ \d+)$/.test(line))
  if (invalidLine !== undefined) throw new Error(`the journal of token ${token} has an unexpected line: ${invalidLine}`)
  return {
    token,
    starts: words
      .filter(([what]) => what === 'begin')
      .map(([, taskId = '', attempt, lineToken]) => ({ taskId, attempt: Number(attempt), token: Number(lineToken) })),
    endedTaskIds: words
      .filter(([what, , lineToken]) => what === 'end' && Number(lineToken) === token)
      .map(([, taskId = '']) => taskId),
  }
}
