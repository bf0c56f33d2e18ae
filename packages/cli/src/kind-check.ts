import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  isKnownKind,
  type LocalQueue,
  printable,
  type State,
  type UnknownKind,
  unknownKinds,
} from '@claimlog/client/unstable-internals'
import { tell } from './output/output.ts'
import type { CliError } from './problem.ts'

/** What a worker that asks for tasks is called, and what kinds it names. */
export type Asked = {
  readonly worker: string
  readonly kinds: ReadonlyArray<string>
  /** Whether it says that it wants tasks of any kind. */
  readonly anyKind?: boolean
}

/**
 * Refuses the names that a worker gives if a lone one is a known kind, which is no worker's, unless it is said that tasks of
 * any kind are wanted.
 */
export const refuseMixedNames = (queue: LocalQueue, asked: Asked): TE.TaskEither<CliError, void> => {
  const { worker, kinds, anyKind } = asked
  if (anyKind === true && kinds.length > 0)
    return TE.left({
      usage: 'usage',
      detail: '--any-kind asks for tasks of any kind, and kinds are named',
      mend: 'leave out --any-kind, or the kinds',
    })
  if (anyKind === true || kinds.length > 0) return TE.right(undefined)
  const isKind = queue.query(state => isKnownKind(state, worker))
  // What cannot be read is refused by the claim itself, in its own words.
  return async () => (E.getOrElse(() => false)(await isKind()) ? E.left(workerIsMissing(worker)) : E.right(undefined))
}

const workerIsMissing = (kind: string): CliError => ({
  usage: 'usage',
  detail: `${kind} is a kind of task here, and no other name is given: is the name of the worker missing?`,
  mend: `write the worker and then the kind, as in ${kind}-worker ${kind}; --any-kind says that ${kind} is the worker`,
})

/** Warns of those of `kinds` that are not known: who waits for a misspelt one waits for ever. */
export const warnOfUnknownKinds = (queue: LocalQueue, kinds: ReadonlyArray<string>): TE.TaskEither<never, void> => {
  if (kinds.length === 0) return TE.right(undefined)
  const unknown = queue.query(state => unknownKinds(state, kinds))
  return async () => E.right(tellUnknownKinds(E.getOrElse((): ReadonlyArray<UnknownKind> => [])(await unknown())))
}

/** The same, in a state that was read already. */
export const warnOfUnknownKind = (state: State, kind: string | undefined): void =>
  kind === undefined ? undefined : tellUnknownKinds(unknownKinds(state, [kind]))

export const tellUnknownKinds = (unknown: ReadonlyArray<UnknownKind>): void => {
  for (const { kind, nearest } of unknown) {
    const meant = nearest === undefined ? 'claimlog status shows the kinds there are' : `did you mean ${nearest}?`
    tell(`claimlog: warning: no task here is of the kind ${printable(kind)}: ${printable(meant)}\n`)
  }
}
