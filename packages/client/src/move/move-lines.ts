import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { findDeparture } from '@claimlog/domain'
import type { EventLog, LastLine, MoveTarget, MoveTargetState } from '@claimlog/event-log'
import { sliceHash, type StoredLine } from '@claimlog/event-log-file'
import type { QueueFailure } from '@claimlog/messages'
import type { Workspace } from '@claimlog/workspace'
import type { CallOptions } from '../queue-methods.ts'
import { commandMetadata } from '../task-either-methods.ts'

/** The log that is moved. */
export type MoveSource = {
  readonly workspace: Workspace
  /** The same log, line by line. */
  readonly lines: EventLog<StoredLine>
}

/**
 * Why a log was not moved to `target`; nothing has changed. `in_use`: there is a workspace already. `other_history`: the
 * lines there are not the first ones of this log. `not_started`: this log was left for `target`, but the lines that had
 * arrived are not there, as on another machine with a directory of the same name.
 */
export type MoveRefusal = {
  readonly notMoved: 'in_use' | 'other_history' | 'not_started'
  readonly target: string
}

/** The result of a move: the last event, which is the move. `changed`: false if the log was there already. */
export type MoveResult = { readonly seq: number; readonly changed: boolean }

export type MoveFailure = QueueFailure | MoveRefusal

/**
 * Moves a log, line by line:
 *
 * 1. check that the target is free, or has the first lines of this log from an interrupted move;
 * 2. start there: it accepts no events;
 * 3. copy, while this log is still in use;
 * 4. leave: append the event that it moved, after which it accepts no more events;
 * 5. copy the rest, which ends with that event;
 * 6. let the target accept events.
 *
 * Interrupted after any step and run again, it continues or starts again. At every instant at most one of both accepts
 * events: none between 4 and 6.
 */
export const moveLines = (
  source: MoveSource,
  target: MoveTarget,
  options: CallOptions,
  report: (seq: number) => void,
): TE.TaskEither<MoveFailure, MoveResult> =>
  pipe(
    planMove(source, target),
    TE.chain((plan): TE.TaskEither<MoveFailure, MoveResult> =>
      plan._tag === 'moved'
        ? TE.right({ seq: plan.seq, changed: false })
        : pipe(
            startMove(source, target, plan.end),
            TE.chain(({ logId, end }) =>
              pipe(
                copyLines(source, target, end, report),
                TE.chainFirst(() => leave(source, target.target, logId, options)),
              ),
            ),
            TE.chain(copied => copyLines(source, target, copied, report)),
            TE.chainFirstW(end => target.accept(end)),
            TE.map(({ seq }) => ({ seq, changed: true })),
          ),
    ),
  )

/** `end`: the last line that the target has. */
type Plan = { readonly _tag: 'copy'; readonly end: LastLine } | { readonly _tag: 'moved'; readonly seq: number }

/** Decides from the states of both logs if there is something to move. */
const planMove = (source: MoveSource, target: MoveTarget): TE.TaskEither<MoveFailure, Plan> =>
  pipe(
    TE.Do,
    TE.bindW('there', () => target.read),
    TE.bindW('here', () =>
      source.workspace.query(state => ({ departure: findDeparture(state), seq: state.seq, logId: state.logId })),
    ),
    TE.chainW(({ there, here: { departure, seq, logId } }): TE.TaskEither<MoveFailure, Plan> => {
      const copy = { _tag: 'copy', end: there.end } as const
      const isSameLog = there.logId !== undefined && there.logId === logId
      if (departure === undefined && there.phase === 'used')
        return isSameLog ? TE.right({ _tag: 'moved', seq }) : TE.left(refuse('in_use', target))
      if (departure === undefined) return TE.right(copy)
      if (!isNextPlace(departure, there, target))
        return TE.left({ error: 'workspace_moved', target: departure.target } as const)
      if (there.phase === 'free') return TE.left(refuse('not_started', target))
      return there.phase === 'started' ? TE.right(copy) : checkArrival(source, target, seq)
    }),
  )

const isNextPlace = (
  departure: { readonly target: string; readonly logId?: string | undefined },
  there: MoveTargetState,
  { target }: MoveTarget,
): boolean => departure.logId === there.logId && (there.logId !== undefined || departure.target === target)

const refuse = (notMoved: MoveRefusal['notMoved'], { target }: MoveTarget): MoveRefusal => ({ notMoved, target })

/** The log was left, and the target is in use: by this log, if it has its last line. */
const checkArrival = (source: MoveSource, target: MoveTarget, seq: number): TE.TaskEither<MoveFailure, Plan> =>
  pipe(
    readLines(source, seq - 1),
    TE.chainW(({ lines: [line = ''] }) => target.contains({ seq, hash: sliceHash(line) })),
    TE.filterOrElseW(
      isThere => isThere,
      () => refuse('other_history', target),
    ),
    TE.map(() => ({ _tag: 'moved', seq }) as const),
  )

/** Starts the move at the target, whose lines, if it has some, must be the first ones of this log. */
const startMove = (
  source: MoveSource,
  target: MoveTarget,
  end: LastLine,
): TE.TaskEither<MoveFailure, MoveTargetState> =>
  pipe(
    checkFirstLines(source, target, end),
    TE.chainW(() => target.start),
    TE.filterOrElseW(
      ({ phase }) => phase === 'started',
      () => refuse('in_use', target),
    ),
  )

const checkFirstLines = (
  source: MoveSource,
  target: MoveTarget,
  { seq, hash }: LastLine,
): TE.TaskEither<MoveFailure, void> =>
  seq === 0
    ? TE.right(undefined)
    : pipe(
        readLines(source, seq - 1),
        TE.filterOrElseW(
          ({ lines: [line = ''] }) => line !== '' && sliceHash(line) === hash,
          () => refuse('other_history', target),
        ),
        TE.map(() => undefined),
      )

/** Appends the event that moves this log. Afterwards it accepts no events, from any process. */
const leave = (
  { workspace }: MoveSource,
  target: string,
  logId: string | undefined,
  options: CallOptions,
): TE.TaskEither<MoveFailure, unknown> =>
  workspace.run({ command: 'move', target, ...(logId === undefined ? {} : { logId }), ...commandMetadata(options) })

/** Large enough that a round trip to a server is shared by many lines. */
const batchBytes = 1024 * 1024

type LineBatch = { readonly lines: ReadonlyArray<string>; readonly isEnd: boolean }

/** The next lines after `seq`, about {@link batchBytes} of them. */
const readLines = ({ lines: log }: MoveSource, seq: number): TE.TaskEither<MoveFailure, LineBatch> => {
  const lines: Array<string> = []
  let bytes = 0
  const add = (batch: ReadonlyArray<StoredLine>): void => {
    for (const { line } of batch) {
      lines.push(line)
      bytes += line.length
    }
  }
  return pipe(
    log.read(seq, add, () => bytes >= batchBytes),
    TE.map(() => ({ lines, isEnd: bytes < batchBytes })),
  )
}

/** Copies what is in the log after `start` until the end of the log is reached; returns the last line. */
const copyLines =
  (
    source: MoveSource,
    target: MoveTarget,
    start: LastLine,
    report: (seq: number) => void,
  ): TE.TaskEither<MoveFailure, LastLine> =>
  async () => {
    for (let end = start; ;) {
      const copied = await copyBatch(source, target, end)()
      if (E.isLeft(copied) || copied.right.isEnd) return E.map(({ end: last }: CopiedBatch) => last)(copied)
      ;({ end } = copied.right)
      report(end.seq)
    }
  }

type CopiedBatch = { readonly end: LastLine; readonly isEnd: boolean }

const copyBatch = (
  source: MoveSource,
  { addLines }: MoveTarget,
  end: LastLine,
): TE.TaskEither<MoveFailure, CopiedBatch> =>
  pipe(
    readLines(source, end.seq),
    TE.chainW(({ lines, isEnd }) =>
      pipe(
        lines.length === 0 ? TE.right(end) : addLines(end, lines),
        TE.map(last => ({ end: last, isEnd })),
      ),
    ),
  )
