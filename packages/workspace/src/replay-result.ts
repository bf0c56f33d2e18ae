import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isSameJson } from '@claimlog/codecs'
import {
  decide,
  emptyState,
  toAcceptingState,
  type Event,
  fold,
  getReading,
  type Refusal,
  type RequestEvents,
  type State,
} from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { type CommandResult, toCommandResult, toCommand, type CommandInput } from './command-input.ts'

/**
 * Returns the result that a command got when its request came first, computed from the log: the same input at the same
 * seq gives the same events. Refuses with `request_reused` if it does not, because then a different command reuses the
 * id. Reads the log from its first line.
 */
export const replayResult =
  (
    log: EventLog<Event>,
    input: CommandInput,
    { firstSeq, lastSeq }: RequestEvents,
  ): TE.TaskEither<Refusal | ReadFailure, CommandResult> =>
  async () => {
    let priorState = emptyState()
    const originalEvents: Array<Event> = []
    const read = await log.read(0, events => {
      priorState = fold(
        priorState,
        events.filter(event => event.seq < firstSeq),
      )
      // One by one: a decision may have more events than a call can have arguments.
      for (const event of events) if (event.seq >= firstSeq && event.seq <= lastSeq) originalEvents.push(event)
    })()
    return pipe(
      read,
      E.chainW(() => decideAgain(toAcceptingState(priorState), originalEvents, firstSeq, input)),
    )
  }

/** Decides `input` on `priorState`, the state before the events that it produced. */
const decideAgain = (
  priorState: State,
  originalEvents: ReadonlyArray<Event>,
  firstSeq: number,
  input: CommandInput,
): E.Either<Refusal, CommandResult> => {
  const [first] = originalEvents
  if (first === undefined) throw new Error(`the log no longer has event ${firstSeq}`)
  const decision = decide(toCommand(withOriginalWorkspaceId(first, input), getReading(first)), priorState)
  const { requestId = '' } = input
  if (E.isLeft(decision) || !isSameJson(decision.right.events, originalEvents.map(stripLogFields)))
    return E.left({ error: 'request_reused', requestId, seq: firstSeq })
  return E.right(toCommandResult(fold(priorState, originalEvents), decision.right))
}

/** The id of a workspace is not part of the input: each caller generates a new one. */
const withOriginalWorkspaceId = (first: Event, input: CommandInput): CommandInput =>
  input.command === 'open' && first.event === 'opened' ? { ...input, workspace: first.workspace } : input

/** An event without the fields that the log adds. */
const stripLogFields = ({ hash: _hash, more: _more, ...event }: Event): unknown => event
