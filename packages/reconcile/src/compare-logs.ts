import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { emptyState, type Event, fold, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { readLogFile } from '@claimlog/event-log-file'

/** One of two copies of a log: its path, its last state, and the events that the other one does not have. */
type CopyState = { readonly path: string; readonly state: State; readonly tail: ReadonlyArray<Event> }

/**
 * Two copies of one log. All events up to `commonSeq` are in both, and the hash of the last of them is `commonHash`.
 */
export type Copies = {
  readonly workspace: string
  readonly commonSeq: number
  readonly commonHash: string
  readonly local: CopyState
  readonly remote: CopyState
}

/** Why two logs are not copies of one: one has no event, or they are of different workspaces. */
export type NotACopy =
  | { readonly notACopy: 'empty'; readonly path: string }
  | { readonly notACopy: 'other_workspace'; readonly path: string; readonly ours: string; readonly theirs: string }

/** Reads and checks two logs from their first lines, and finds where they diverge, by the hashes of their lines. */
export const compareLogs = (localPath: string, remotePath: string): TE.TaskEither<ReadFailure | NotACopy, Copies> =>
  pipe(
    readHashes(remotePath),
    TE.chain(hashes => readLocal(localPath, hashes)),
    TE.chain(divergence => readRemote(remotePath, divergence)),
    TE.chainEitherKW(checkSameWorkspace),
  )

/** The point at which two logs diverge, and our copy from there on. */
type Divergence = { readonly commonSeq: number; readonly commonHash: string; readonly local: CopyState }

const readHashes = (path: string): TE.TaskEither<ReadFailure, ReadonlyArray<string | undefined>> => {
  const hashes: Array<string | undefined> = []
  return pipe(
    readEvents(path, events => {
      for (const { hash } of events) hashes.push(hash)
    }),
    TE.map(() => hashes),
  )
}

const readLocal = (path: string, hashes: ReadonlyArray<string | undefined>): TE.TaskEither<ReadFailure, Divergence> => {
  let commonSeq = 0
  let commonHash = ''
  const isUnique = ({ seq, hash = '' }: Event): boolean => {
    if (commonSeq !== seq - 1 || hashes[commonSeq] !== hash) return true
    commonSeq = seq
    commonHash = hash
    return false
  }
  return pipe(
    readCopy(path, isUnique),
    TE.map((local): Divergence => ({ commonSeq, commonHash, local })),
  )
}

const readRemote = (path: string, divergence: Divergence): TE.TaskEither<ReadFailure, Omit<Copies, 'workspace'>> =>
  pipe(
    readCopy(path, ({ seq }) => seq > divergence.commonSeq),
    TE.map((remote): Omit<Copies, 'workspace'> => ({ ...divergence, remote })),
  )

const checkSameWorkspace = (copies: Omit<Copies, 'workspace'>): E.Either<NotACopy, Copies> => {
  const { local, remote } = copies
  for (const { path, state } of [remote, local])
    if (state.workspace === undefined) return E.left({ notACopy: 'empty', path })
  const [workspace = '', otherWorkspace = ''] = [local, remote].map(({ state }) => state.workspace?.id)
  return workspace === otherWorkspace
    ? E.right({ ...copies, workspace })
    : E.left({ notACopy: 'other_workspace', path: remote.path, ours: workspace, theirs: otherWorkspace })
}

const readEvents = (
  path: string,
  onEvents: (events: ReadonlyArray<Event>) => void,
): TE.TaskEither<ReadFailure, number> => readLogFile<Event>({ path, codec: lineCodec }, onEvents)

const readCopy = (path: string, isUnique: (event: Event) => boolean): TE.TaskEither<ReadFailure, CopyState> => {
  let state = emptyState()
  const tail: Array<Event> = []
  return pipe(
    readEvents(path, events => {
      state = fold(state, events)
      for (const event of events) if (isUnique(event)) tail.push(event)
    }),
    TE.map(() => ({ path, state, tail })),
  )
}
