import * as E from 'fp-ts/lib/Either.js'
import type { CommandInput } from '@claimlog/workspace'
import { doneThoughRefused, earlyTakeovers, lost, otherAnswers, otherStates, sharedTokens, unsound } from './oracle.ts'
import type { Recovered } from './recovered.ts'
import type { Ears, Seen, Told } from './worker.ts'

/** The answers and states that the workers of a history have seen, and checks that they still hold. */
export type Account = {
  readonly ears: Ears
  readonly answers: () => number
  /** A power cut: answers that were not durable on disk need not hold any more. */
  readonly powerLost: () => void
  /** A byte of the log has changed: everything after the first `events` is in quarantine and no longer in the log. */
  readonly rotten: (events: number) => void
  /** All workers have ended; `dropped`: the system may have dropped failed writes. Returns the problems. */
  readonly afterLife: (log: Recovered, dropped: boolean) => ReadonlyArray<string>
  /** The machine has restarted. Returns the problems. */
  readonly afterStart: (log: Recovered) => ReadonlyArray<string>
}

export const accountOf = (note: (line: () => string) => void): Account => {
  const asked: Array<CommandInput> = []
  const told: Array<Told> = []
  let seen: Array<Seen> = []
  let standing: Array<Told> = []

  const powerLost = (): void => {
    standing = standing.filter(isDurable)
  }

  return {
    ears: {
      asked: order => void asked.push(order),
      told: each => {
        note(() => `answered ${JSON.stringify(each)}`)
        told.push(each)
        standing.push(each)
      },
      seen: each => void seen.push(each),
    },
    answers: () => told.length,
    powerLost,
    rotten: events => {
      standing = standing.filter(each => lastSeqOf(each) <= events)
    },
    afterLife: (log, dropped) => {
      if (dropped) powerLost()
      const states = dropped ? [] : seen
      seen = []
      const words = [...otherAnswers(standing), ...sharedTokens(told.filter(isDurable))]
      if (log.damaged === undefined)
        return [
          ...words,
          ...lost(log.events, standing),
          ...doneThoughRefused(log.events, told, asked),
          ...otherStates(log.events, states),
          ...earlyTakeovers(log.events, standing),
        ]
      return dropped ? words : [...words, `the log is damaged without a cause: ${JSON.stringify(log.damaged)}`]
    },
    afterStart: log => [...lost(log.events, standing), ...unsound(log.text)],
  }
}

const isDurable = ({ durability }: Told): boolean => durability === 'disk'

/** The last event that an answer depends on. */
const lastSeqOf = ({ events, answer }: Told): number =>
  Math.max(0, ...events.map(({ seq }) => seq), E.isRight(answer) ? answer.right.seq : 0)
