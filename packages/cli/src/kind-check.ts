import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  isKnownKind,
  type LocalQueue,
  toPrintable,
  type State,
  type UnknownKind,
  unknownKinds,
} from '@claimlog/client/unstable-internals'
import { tell } from './output/output.ts'
import type { CliError } from './problem.ts'

/** The names in a command that claims tasks. */
export type Asked = {
  readonly worker: string
  readonly kinds: ReadonlyArray<string>
  /** True if `--any-kind` is given. */
  readonly anyKind?: boolean
}

/** Refuses a worker name that is a known kind if no kinds follow it, unless `--any-kind` is given. */
export const refuseMixedNames = (queue: LocalQueue, asked: Asked): TE.TaskEither<CliError, void> => {
  const { worker, kinds, anyKind } = asked
  if (anyKind === true && kinds.length > 0)
    return TE.left({
      usage: 'usage',
      detail: '--any-kind cannot be combined with kinds',
      mend: 'omit --any-kind or the kinds',
    })
  if (anyKind === true || kinds.length > 0) return TE.right(undefined)
  const isKind = queue.query(state => isKnownKind(state, worker))
  // If the log cannot be read, the claim itself reports why.
  return async () => (E.getOrElse(() => false)(await isKind()) ? E.left(workerIsMissing(worker)) : E.right(undefined))
}

const workerIsMissing = (kind: string): CliError => ({
  usage: 'usage',
  detail: `${kind} is a kind of task here, and no other name is given: is the name of the worker missing?`,
  mend: `name the worker and then the kind, as in ${kind}-worker ${kind}; or add --any-kind if the worker is called ${kind}`,
})

/** Warns about unknown kinds: a worker that waits for a misspelt kind waits for ever. */
export const warnOfUnknownKinds = (queue: LocalQueue, kinds: ReadonlyArray<string>): TE.TaskEither<never, void> => {
  if (kinds.length === 0) return TE.right(undefined)
  const unknown = queue.query(state => unknownKinds(state, kinds))
  return async () => E.right(tellUnknownKinds(E.getOrElse((): ReadonlyArray<UnknownKind> => [])(await unknown())))
}

/** Like {@link warnOfUnknownKinds}, for a state that has been read already. */
export const warnOfUnknownKind = (state: State, kind: string | undefined): void =>
  kind === undefined ? undefined : tellUnknownKinds(unknownKinds(state, [kind]))

export const tellUnknownKinds = (unknown: ReadonlyArray<UnknownKind>): void => {
  for (const { kind, nearest } of unknown) {
    const meant = nearest === undefined ? 'claimlog status lists the kinds' : `did you mean ${nearest}?`
    tell(`claimlog: warning: no task has the kind ${toPrintable(kind)}: ${toPrintable(meant)}\n`)
  }
}
