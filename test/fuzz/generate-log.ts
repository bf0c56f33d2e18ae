import { decide, emptyState, encodeEvent, type Event, fold, type State } from '@claimlog/domain'
import * as E from 'fp-ts/lib/Either.js'
import { formatLine } from '../../packages/event-log-file/testing/sample-log.ts'
import { pickCommand } from './pick-command.ts'
import type { Dice } from './fuzz-runs.ts'

/** Noon of the day of the logs, in milliseconds. */
export const noonMs = Date.UTC(2025, 0, 1, 12)

/** A line of a log before it is chained: the name of each field and its value as JSON text, in order. */
export type RawLine = ReadonlyArray<readonly [field: string, json: string]>

/** The text of a line before it is chained. */
export const formatRawLine = (line: RawLine): string =>
  `{${line.map(([field, json]) => `${JSON.stringify(field)}:${json}`).join(',')}}`

/** The bytes of a log with these lines, chained as in docs/reference/format.md. */
export const chainLines = (texts: ReadonlyArray<string>): Buffer => {
  let hash = ''
  return Buffer.from(
    texts
      .map(text => {
        const chainedLine = formatLine(hash, text)
        hash = chainedLine.hash
        return chainedLine.line
      })
      .join(''),
  )
}

const toRawLine = (event: Event, more: boolean): RawLine => {
  const fields = Object.entries(JSON.parse(encodeEvent(event)) as Record<string, unknown>)
  return [...fields, ...(more ? [['more', true] as const] : [])].map(([field, value]) => [field, JSON.stringify(value)])
}

/** A log as claimlog writes it: some commands, decided one after another at increasing times. */
export const generateLog = (dice: Dice): { readonly lines: ReadonlyArray<RawLine>; readonly state: State } => {
  const lines: Array<RawLine> = []
  let state = emptyState()
  let nowMs = noonMs
  const run = (command: Parameters<typeof decide>[0]): void => {
    const decision = decide(command, state)
    if (E.isLeft(decision)) return
    const { events } = decision.right
    events.forEach((event, i) => lines.push(toRawLine(event, i < events.length - 1)))
    state = fold(state, events)
  }
  run({ command: 'open', workspace: '6f1cbb1e-7d52-4a0e-9a41-0d8f3f5b7c11', nowMs })
  run({ command: 'add', tasks: ['a', 'b', 'c'].map(taskId => ({ kind: 'docs', taskId })), nowMs })
  for (let commandsLeft = dice.between(5, 40); commandsLeft > 0; commandsLeft -= 1) {
    nowMs += dice.pick([0, 1, 60_000, 900_000])
    run(pickCommand(dice, state, nowMs))
  }
  return { lines, state }
}
