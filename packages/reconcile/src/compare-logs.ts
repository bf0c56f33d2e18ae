import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { emptyState, type Event, fold, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { readLogFile } from '@claimlog/event-log-file'

/** One of two copies of a log: its path, its last state, and the events that the other one does not have. */
type Copy = { readonly path: string; readonly state: State; readonly tail: ReadonlyArray<Event> }

/**
 * Two copies of one log. All events up to `commonSeq` are in both, and the hash of the last of them is `commonHash`.
 */
export type Copies = {
  readonly workspace: string
  readonly commonSeq: number
  readonly commonHash: string
  readonly ours: Copy
  readonly theirs: Copy
}

/** Why two logs are not copies of one: one has no event, or they are of different workspaces. */
export type NotACopy =
  | { readonly notACopy: 'empty'; readonly path: string }
  | { readonly notACopy: 'other_workspace'; readonly path: string; readonly ours: string; readonly theirs: string }

/** Reads and checks two logs from their first lines, and finds where they diverge, by the hashes of their lines. */
export const compareLogs = (ourPath: string, theirPath: string): TE.TaskEither<ReadFailure | NotACopy, Copies> =>
  pipe(
    readHashes(theirPath),
    TE.chain(hashes => readOurs(ourPath, hashes)),
    TE.chain(parted => readTheirs(theirPath, parted)),
    TE.chainEitherKW(copiesOfOne),
  )

/** The point at which two logs diverge, and our copy from there on. */
type Parted = { readonly commonSeq: number; readonly commonHash: string; readonly ours: Copy }

const readHashes = (path: string): TE.TaskEither<ReadFailure, ReadonlyArray<string | undefined>> => {
  const hashes: Array<string | undefined> = []
  return pipe(
    read(path, events => {
      for (const { hash } of events) hashes.push(hash)
    }),
    TE.map(() => hashes),
  )
}

const readOurs = (path: string, hashes: ReadonlyArray<string | undefined>): TE.TaskEither<ReadFailure, Parted> => {
  let commonSeq = 0
  let commonHash = ''
  const isOwn = ({ seq, hash = '' }: Event): boolean => {
    if (commonSeq !== seq - 1 || hashes[commonSeq] !== hash) return true
    commonSeq = seq
    commonHash = hash
    return false
  }
  return pipe(
    readCopy(path, isOwn),
    TE.map((ours): Parted => ({ commonSeq, commonHash, ours })),
  )
}

const readTheirs = (path: string, parted: Parted): TE.TaskEither<ReadFailure, Omit<Copies, 'workspace'>> =>
  pipe(
    readCopy(path, ({ seq }) => seq > parted.commonSeq),
    TE.map((theirs): Omit<Copies, 'workspace'> => ({ ...parted, theirs })),
  )

const copiesOfOne = (copies: Omit<Copies, 'workspace'>): E.Either<NotACopy, Copies> => {
  const { ours, theirs } = copies
  for (const { path, state } of [theirs, ours])
    if (state.workspace === undefined) return E.left({ notACopy: 'empty', path })
  const [workspace = '', other = ''] = [ours, theirs].map(({ state }) => state.workspace?.id)
  return workspace === other
    ? E.right({ ...copies, workspace })
    : E.left({ notACopy: 'other_workspace', path: theirs.path, ours: workspace, theirs: other })
}

const read = (path: string, take: (events: ReadonlyArray<Event>) => void): TE.TaskEither<ReadFailure, number> =>
  readLogFile<Event>({ path, codec: lineCodec }, take)

const readCopy = (path: string, isOwn: (event: Event) => boolean): TE.TaskEither<ReadFailure, Copy> => {
  let state = emptyState()
  const tail: Array<Event> = []
  return pipe(
    read(path, events => {
      state = fold(state, events)
      for (const event of events) if (isOwn(event)) tail.push(event)
    }),
    TE.map(() => ({ path, state, tail })),
  )
}
