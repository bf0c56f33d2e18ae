import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, MoveTarget, MoveTargetState, NoLog, UnknownFormat, Unreachable } from '@claimlog/event-log'
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

/** A client that stands still while it keeps all appends away loses the lock after this time. */
const idleMs = 5000

/** A log on a server that gets the lines of another one. */
type TargetRow = MoveTargetState & {
  /** True if its last line moves the log to its id. */
  readonly isNamed: boolean
}

/** Opens a workspace as the target of a move. The user must own the schema. */
export const openPostgresMoveTarget =
  (
    location: PostgresLocation,
    timeoutMs: number,
  ): TE.TaskEither<Unreachable | IoFailed | NoLog | UnknownFormat, MoveTarget> =>
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
): MoveTarget => {
  const path = describeLocation({ schema, ...location })
  const sql = moveStatements(schema)
  const { lockExclusively, notify, readHash } = statements(schema)
  const toFailure = (noAnswer: NoAnswer): Unreachable | IoFailed => toRequestFailure(path, 'move to', noAnswer)
  const ask = (statement: Statement): TE.TaskEither<Unreachable | IoFailed, Rows> =>
    pipe(connection.request(statement, monotonicMs() + timeoutMs), TE.mapLeft(toFailure))
  const refuse = (detail: string): IoFailed => ({ failure: 'IoFailed', path, operation: 'move to', code: '', detail })
  /** Runs `body` on the state of the log while no process appends to it. */
  const underLock = <A>(
    body: (row: TargetRow, send: (statement: Statement) => Promise<Rows>) => Promise<A>,
  ): TE.TaskEither<Unreachable | IoFailed, A> =>
    pipe(
      connection.transaction(async request => {
        const send = makeSend(request)
        await send(lockExclusively(workspaceId, timeoutMs, idleMs))
        return body(toTargetRow(await send(sql.readTarget(workspaceId))), send)
      }),
      TE.mapLeft(toFailure),
    )

  return {
    target: path,
    read: pipe(
      ask(sql.readTarget(workspaceId)),
      TE.map(rows => toState(toTargetRow(rows))),
    ),
    contains: ({ seq, hash }) =>
      pipe(
        ask(readHash(workspaceId, seq)),
        TE.map(([row]) => row?.['hash'] === hash),
      ),
    start: underLock(async (row, send) => {
      if (row.phase !== 'free') return toState(row)
      const [started] = await send(sql.startMove(workspaceId))
      return { ...toState(row), phase: 'started', logId: String(started?.['log_id']) }
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
        underLock(async (row, send): Promise<E.Either<IoFailed, void>> => {
          if (row.phase !== 'started') return E.right(undefined)
          if (!row.isNamed || row.end.seq !== end.seq || row.end.hash !== end.hash)
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

const toTargetRow = ([row]: Rows): TargetRow => {
  const logId = String(row?.['log_id'])
  const namedId = row?.['moved_to'] ?? undefined
  const seq = Number(row?.['seq'] ?? 0)
  const isLeft = seq === 0 || (namedId !== undefined && namedId !== logId)
  return {
    phase: row?.['accepting'] !== true ? 'started' : isLeft ? 'free' : 'used',
    logId,
    isNamed: namedId === logId,
    end: { seq, hash: typeof row?.['hash'] === 'string' ? row['hash'] : '' },
  }
}

const toState = ({ phase, logId, end }: TargetRow): MoveTargetState => ({ phase, logId, end })
