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
import { writeStderr } from './output/output.ts'
import type { CliError } from './cli-error.ts'

/** The names in a command that claims tasks. */
export type ClaimNames = {
  readonly worker: string
  readonly kinds: ReadonlyArray<string>
  /** True if `--any-kind` is given. */
  readonly anyKind?: boolean
}

/** Refuses a worker name that is a known kind if no kinds follow it, unless `--any-kind` is given. */
export const refuseMissingWorker = (queue: LocalQueue, names: ClaimNames): TE.TaskEither<CliError, void> => {
  const { worker, kinds, anyKind } = names
  if (anyKind === true && kinds.length > 0)
    return TE.left({
      usage: 'usage',
      detail: '--any-kind cannot be combined with kinds',
      hint: 'omit --any-kind or the kinds',
    })
  if (anyKind === true || kinds.length > 0) return TE.right(undefined)
  const isKind = queue.query(state => isKnownKind(state, worker))
  // If the log cannot be read, the claim itself reports why.
  return async () =>
    E.getOrElse(() => false)(await isKind()) ? E.left(toMissingWorkerError(worker)) : E.right(undefined)
}

const toMissingWorkerError = (kind: string): CliError => ({
  usage: 'usage',
  detail: `${kind} is a kind of task here, and no other name is given: is the name of the worker missing?`,
  hint: `name the worker and then the kind, as in ${kind}-worker ${kind}; or add --any-kind if the worker is called ${kind}`,
})

/** Warns about unknown kinds: a worker that waits for a misspelt kind waits for ever. */
export const warnAboutUnknownKinds = (queue: LocalQueue, kinds: ReadonlyArray<string>): TE.TaskEither<never, void> => {
  if (kinds.length === 0) return TE.right(undefined)
  const unknown = queue.query(state => unknownKinds(state, kinds))
  return async () => E.right(printUnknownKinds(E.getOrElse((): ReadonlyArray<UnknownKind> => [])(await unknown())))
}

/** Like {@link warnAboutUnknownKinds}, for a state that has been read already. */
export const warnAboutUnknownKind = (state: State, kind: string | undefined): void =>
  kind === undefined ? undefined : printUnknownKinds(unknownKinds(state, [kind]))

export const printUnknownKinds = (unknown: ReadonlyArray<UnknownKind>): void => {
  for (const { kind, nearest } of unknown) {
    const suggestion = nearest === undefined ? 'claimlog status lists the kinds' : `did you mean ${nearest}?`
    writeStderr(`claimlog: warning: there is no task of kind ${toPrintable(kind)}: ${toPrintable(suggestion)}\n`)
  }
}
