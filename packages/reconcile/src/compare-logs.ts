import * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, fold, lineCodec, type State } from '@claimlog/domain'
import type { ReadFailure } from '@claimlog/event-log'
import { readLogFile } from '@claimlog/event-log-file'

/** One of two copies of a log: where it is, where it ends, and the events that the other one does not have. */
type Copy = { readonly path: string; readonly state: State; readonly tail: ReadonlyArray<Event> }

/** Two copies of one log. All events up to `commonSeq` are in both, and the hash of the last of them is `commonHash`. */
export type Copies = {
  readonly workspace: string
  readonly commonSeq: number
  readonly commonHash: string
  readonly ours: Copy
  readonly theirs: Copy
}

/** Why two logs are no copies of one: one has no event, or they are of different workspaces. */
export type NotACopy =
  | { readonly notACopy: 'empty'; readonly path: string }
  | { readonly notACopy: 'other_workspace'; readonly ours: string; readonly theirs: string }

/** Reads two logs from their first lines, checking each, and finds where they part, by the hashes of their lines. */
export const compareLogs = async (
  ourPath: string,
  theirPath: string,
): Promise<E.Either<ReadFailure | NotACopy, Copies>> => {
  const hashes: Array<string | undefined> = []
  const known = await read(theirPath, events => {
    for (const { hash } of events) hashes.push(hash)
  })
  if (E.isLeft(known)) return known
  let commonSeq = 0
  let commonHash = ''
  const ours = await readCopy(ourPath, ({ seq, hash = '' }) => {
    if (commonSeq !== seq - 1 || hashes[commonSeq] !== hash) return true
    commonSeq = seq
    commonHash = hash
    return false
  })
  if (E.isLeft(ours)) return ours
  const theirs = await readCopy(theirPath, ({ seq }) => seq > commonSeq)
  if (E.isLeft(theirs)) return theirs
  for (const { path, state } of [theirs.right, ours.right])
    if (state.workspace === undefined) return E.left({ notACopy: 'empty', path })
  const [workspace, other] = [ours.right, theirs.right].map(({ state }) => state.workspace?.id ?? '')
  return workspace === other
    ? E.right({ workspace: workspace as string, commonSeq, commonHash, ours: ours.right, theirs: theirs.right })
    : E.left({ notACopy: 'other_workspace', ours: workspace as string, theirs: other as string })
}

const read = (path: string, take: (events: ReadonlyArray<Event>) => void): Promise<E.Either<ReadFailure, number>> =>
  readLogFile<Event>({ path, codec: lineCodec }, take)()

const readCopy = async (path: string, isOwn: (event: Event) => boolean): Promise<E.Either<ReadFailure, Copy>> => {
  let state = emptyState()
  const tail: Array<Event> = []
  const end = await read(path, events => {
    state = fold(state, events)
    for (const event of events) if (isOwn(event)) tail.push(event)
  })
  return E.isLeft(end) ? end : E.right({ path, state, tail })
}
