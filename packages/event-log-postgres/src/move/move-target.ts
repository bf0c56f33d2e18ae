import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, NoLog, UnknownFormat, Unreachable } from '@claimlog/event-log'
import { sliceHash } from '@claimlog/event-log-line'
import {
  type Connection,
  createConnection,
  monotonicMs,
  type NoAnswer,
  type SendRequest,
  toRequestFailure,
} from '../connect/connection.ts'
import { findWorkspaceRow } from '../connect/find-workspace-row.ts'
import type { Rows, Statement } from '../connect/session.ts'
import { statements } from '../connect/statements.ts'
import type { PostgresLocation } from '../postgres-location.ts'
import { describeLocation } from '../url/describe-location.ts'
import { moveStatements } from './move-statements.ts'

/** The last line of a log; `seq` 0: it is empty. */
type LastLine = { readonly seq: number; readonly hash: string }

/** A log that is the target of a move. `isLeft`: it is empty, or its last line says that it was moved elsewhere. */
type MoveTargetState = {
  readonly logId: string
  readonly accepting: boolean
  readonly isLeft: boolean
  /** True if its last line moves the log to its id. */
  readonly isNamed: boolean
  readonly end: LastLine
}

type TargetFailure = Unreachable | IoFailed

/**
 * A log that gets the lines of another one. All steps can be repeated: a move that was killed is run again.
 *
 * ```
 *   accepting, empty or left ──start──► not accepting, new id ──addLines …──► last line is `moved` to this id ──accept──► accepting
 * ```
 */
export type PostgresMoveTarget = {
  /** Its URL without a password. */
  readonly target: string
  readonly read: TE.TaskEither<TargetFailure, MoveTargetState>
  /**
   * Makes the log refuse events, and gives it a new id. A log that refuses them already keeps its id, which a `moved` line
   * may name. A log that is in use stays as it is: the state that is returned is `accepting`.
   */
  readonly start: TE.TaskEither<TargetFailure, MoveTargetState>
  /** Adds the lines of whole decisions after line `end`. */
  readonly addLines: (end: LastLine, lines: ReadonlyArray<string>) => TE.TaskEither<TargetFailure, LastLine>
  /** Makes the log accept events if `end` is its last line, and moves the log to its id. */
  readonly accept: (end: LastLine) => TE.TaskEither<TargetFailure, void>
  readonly close: T.Task<void>
}

/** Opens a workspace as the target of a move. The user must own the schema. */
export const openPostgresMoveTarget =
  (
    location: PostgresLocation,
    timeoutMs: number,
  ): TE.TaskEither<Unreachable | IoFailed | NoLog | UnknownFormat, PostgresMoveTarget> =>
  async () => {
    const connection = createConnection(location, timeoutMs)
    return pipe(
      findWorkspaceRow(connection, location, timeoutMs),
      TE.orElseFirstTaskK(() => connection.close),
      TE.map(({ id }) => moveTarget(connection, location, id, timeoutMs)),
    )()
  }

const moveTarget = (
  connection: Connection,
  { schema, ...location }: PostgresLocation,
  workspaceId: number,
  timeoutMs: number,
): PostgresMoveTarget => {
  const path = describeLocation({ schema, ...location })
  const sql = moveStatements(schema)
  const { lockExclusively, notify, readHash } = statements(schema)
  const toFailure = (noAnswer: NoAnswer): TargetFailure => toRequestFailure(path, 'move to', noAnswer)
  const ask = (statement: Statement): TE.TaskEither<TargetFailure, Rows> =>
    pipe(connection.request(statement, monotonicMs() + timeoutMs), TE.mapLeft(toFailure))
  const refuse = (detail: string): IoFailed => ({ failure: 'IoFailed', path, operation: 'move to', code: '', detail })
  /** Runs `body` on the state of the log while no process appends to it. */
  const underLock = <A>(
    body: (state: MoveTargetState, send: (statement: Statement) => Promise<Rows>) => Promise<A>,
  ): TE.TaskEither<TargetFailure, A> =>
    pipe(
      connection.transaction(async request => {
        const send = makeSend(request)
        await send(lockExclusively(workspaceId, timeoutMs))
        return body(toState(await send(sql.readTarget(workspaceId))), send)
      }),
      TE.mapLeft(toFailure),
    )

  return {
    target: path,
    read: pipe(ask(sql.readTarget(workspaceId)), TE.map(toState)),
    start: underLock(async (state, send) => {
      if (!state.accepting || !state.isLeft) return state
      const [row] = await send(sql.startMove(workspaceId))
      return { ...state, accepting: false, logId: String(row?.['log_id']) }
    }),
    addLines: (end, lines) => {
      const last = { seq: end.seq + lines.length, hash: sliceHash(lines.at(-1) ?? '') }
      return pipe(
        ask(sql.addLines(workspaceId, end.seq, end.hash, lines)),
        TE.chain(() => ask(readHash(workspaceId, last.seq))),
        TE.filterOrElseW(
          ([row]) => row?.['hash'] === last.hash,
          () => refuse(`the lines after ${end.seq} were not added: another process writes there`),
        ),
        TE.map(() => last),
      )
    },
    accept: end =>
      pipe(
        underLock(async (state, send): Promise<E.Either<IoFailed, void>> => {
          if (state.accepting) return E.right(undefined)
          if (!state.isNamed || state.end.seq !== end.seq || state.end.hash !== end.hash)
            return E.left(refuse(`line ${end.seq} does not move the log there`))
          await send(sql.finishMove(workspaceId))
          return E.right(undefined)
        }),
        TE.chainEitherKW(outcome => outcome),
        TE.chainFirstTaskK(() => () => connection.send(notify(workspaceId))),
      ),
    close: connection.close,
  }
}

/** In a transaction a request is answered, or throws and ends it. */
const makeSend =
  (request: SendRequest) =>
  async (statement: Statement): Promise<Rows> => {
    const answer = await request(statement, Infinity)()
    if (E.isLeft(answer)) throw new Error('a request in a transaction throws')
    return answer.right
  }

const toState = ([row]: Rows): MoveTargetState => {
  const logId = String(row?.['log_id'])
  const namedId = row?.['moved_to'] ?? undefined
  const seq = Number(row?.['seq'] ?? 0)
  return {
    logId,
    accepting: row?.['accepting'] === true,
    isLeft: seq === 0 || (namedId !== undefined && namedId !== logId),
    isNamed: namedId === logId,
    end: { seq, hash: typeof row?.['hash'] === 'string' ? row['hash'] : '' },
  }
}
