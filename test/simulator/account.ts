import * as E from 'fp-ts/lib/Either.js'
import type { Order } from '@claimlog/workspace'
import { doneThoughRefused, earlyTakeovers, lost, otherAnswers, otherStates, sharedTokens, unsound } from './oracle.ts'
import type { Recovered } from './recovered.ts'
import type { Ears, Seen, Told } from './worker.ts'

/** All that the workers of a history have heard, and what of it must still be so. */
export type Account = {
  readonly ears: Ears
  readonly answers: () => number
  /** What a power cut may take is gone: the newest of what was only promised to outlive the process. */
  readonly powerLost: () => void
  /** A byte of the log is another one: what stood behind the first `events` is in quarantine, and no longer in the log. */
  readonly rotten: (events: number) => void
  /** The workers are gone; `dropped`: the system may have dropped what the disk did not take. Answers what is wrong. */
  readonly afterLife: (log: Recovered, dropped: boolean) => ReadonlyArray<string>
  /** The machine has started again. Answers what is wrong. */
  readonly afterStart: (log: Recovered) => ReadonlyArray<string>
}

export const accountOf = (note: (line: () => string) => void): Account => {
  const asked: Array<Order> = []
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
        note(() => `told ${JSON.stringify(each)}`)
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
      return dropped ? words : [...words, `damaged without a cause: ${JSON.stringify(log.damaged)}`]
    },
    afterStart: log => [...lost(log.events, standing), ...unsound(log.text)],
  }
}

const isDurable = ({ durability }: Told): boolean => durability === 'disk'

/** The last event that an answer rests on. */
const lastSeqOf = ({ events, answer }: Told): number =>
  Math.max(0, ...events.map(({ seq }) => seq), E.isRight(answer) ? answer.right.seq : 0)
