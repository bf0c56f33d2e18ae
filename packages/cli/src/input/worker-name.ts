import * as E from 'fp-ts/lib/Either.js'
import { WorkerName } from '@claimlog/client/unstable-internals'
import type { CliError } from '../cli-error.ts'

/** Refuses an invalid name from `--worker` or $CLAIMLOG_WORKER, for a command that does not require one. */
export const checkWorkerName = (worker: string | undefined, command: string): E.Either<CliError, void> => {
  const error = findWorkerNameError(worker, command)
  return error === undefined ? E.right(undefined) : E.left(error)
}

/** The error for an invalid name from `--worker` or $CLAIMLOG_WORKER, for a command that does not require one. */
export const findWorkerNameError = (worker: string | undefined, command: string): CliError | undefined =>
  worker === undefined || (WorkerName as { readonly is: (u: unknown) => boolean }).is(worker)
    ? undefined
    : {
        usage: 'usage',
        detail: `invalid --worker '${worker}': a name has ${String(WorkerName.jsonSchema['description'])}`,
        hint: `for example: claimlog ${command} --worker ann; see claimlog ${command} --help`,
      }
