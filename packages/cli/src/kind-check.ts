import * as E from 'fp-ts/lib/Either.js'
import type { Workspace } from '@claimlog/workspace'
import { isKnownKind, printable, type State, type UnknownKind, unknownKinds } from '@claimlog/domain'
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
 * What is wrong with the names that a worker gives: a lone one that is a known kind is no worker's, unless it is said that
 * tasks of any kind are wanted.
 */
export const refuseMixedNames = async (
  workspace: Workspace,
  { worker, kinds, anyKind }: Asked,
): Promise<CliError | undefined> => {
  if (anyKind === true && kinds.length > 0) {
    const detail = '--any-kind asks for tasks of any kind, and kinds are named'
    return { usage: 'usage', detail, mend: 'leave out --any-kind, or the kinds' }
  }
  if (anyKind === true || kinds.length > 0) return undefined
  // What cannot be read is refused by the claim itself, in its own words.
  const seen = await workspace.read(state => isKnownKind(state, worker))()
  if (E.isLeft(seen) || !seen.right) return undefined
  return {
    usage: 'usage',
    detail: `${worker} is a kind of task here, and no other name is given: is the name of the worker missing?`,
    mend: `write the worker and then the kind, as in ${worker}-worker ${worker}; --any-kind says that ${worker} is the worker`,
  }
}

/** Warns of those of `kinds` that are not known: who waits for a misspelt one waits for ever. */
export const warnOfUnknownKinds = async (workspace: Workspace, kinds: ReadonlyArray<string>): Promise<void> => {
  if (kinds.length === 0) return
  const seen = await workspace.read(state => unknownKinds(state, kinds))()
  if (E.isRight(seen)) tellUnknownKinds(seen.right)
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
