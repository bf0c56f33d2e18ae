import * as E from 'fp-ts/lib/Either.js'
import type { CommandInput } from '@claimlog/workspace'
import {
  findAppliedRefusals,
  findEarlyTakeovers,
  findLostEvents,
  findChangedAnswers,
  findWrongStates,
  findSharedTokens,
  findInvalidLines,
} from './oracle.ts'
import type { RecoveredLog } from './recover-log.ts'
import type { WorkerObserver, ObservedState, ObservedAnswer } from './simulated-worker.ts'

/** The answers and states that the workers of a history have seen, and checks that they still hold. */
export type Observations = {
  readonly observer: WorkerObserver
  readonly answers: () => number
  /** A power cut: answers that were not durable on disk need not hold any more. */
  readonly notePowerCut: () => void
  /** A byte of the log has changed: everything after the first `events` is in quarantine and no longer in the log. */
  readonly noteCorruption: (events: number) => void
  /** All workers have ended; `dropped`: the system may have dropped failed writes. Returns the problems. */
  readonly checkAfterRun: (log: RecoveredLog, dropped: boolean) => ReadonlyArray<string>
  /** The machine has restarted. Returns the problems. */
  readonly checkAfterRestart: (log: RecoveredLog) => ReadonlyArray<string>
}

export const createObservations = (note: (line: () => string) => void): Observations => {
  const commands: Array<CommandInput> = []
  const allAnswers: Array<ObservedAnswer> = []
  let pendingStates: Array<ObservedState> = []
  let validAnswers: Array<ObservedAnswer> = []

  const notePowerCut = (): void => {
    validAnswers = validAnswers.filter(isDurable)
  }

  return {
    observer: {
      onCommand: input => void commands.push(input),
      onAnswer: each => {
        note(() => `answered ${JSON.stringify(each)}`)
        allAnswers.push(each)
        validAnswers.push(each)
      },
      onState: each => void pendingStates.push(each),
    },
    answers: () => allAnswers.length,
    notePowerCut,
    noteCorruption: events => {
      validAnswers = validAnswers.filter(each => findLastSeq(each) <= events)
    },
    checkAfterRun: (log, dropped) => {
      if (dropped) notePowerCut()
      const states = dropped ? [] : pendingStates
      pendingStates = []
      const problems = [...findChangedAnswers(validAnswers), ...findSharedTokens(allAnswers.filter(isDurable))]
      if (log.damaged === undefined)
        return [
          ...problems,
          ...findLostEvents(log.events, validAnswers),
          ...findAppliedRefusals(log.events, allAnswers, commands),
          ...findWrongStates(log.events, states),
          ...findEarlyTakeovers(log.events, validAnswers),
        ]
      return dropped ? problems : [...problems, `the log is damaged without a cause: ${JSON.stringify(log.damaged)}`]
    },
    checkAfterRestart: log => [...findLostEvents(log.events, validAnswers), ...findInvalidLines(log.text)],
  }
}

const isDurable = ({ durability }: ObservedAnswer): boolean => durability === 'disk'

/** The last event that an answer depends on. */
const findLastSeq = ({ events, answer }: ObservedAnswer): number =>
  Math.max(0, ...events.map(({ seq }) => seq), E.isRight(answer) ? answer.right.seq : 0)
