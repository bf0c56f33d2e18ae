import * as E from 'fp-ts/lib/Either.js'
import { WorkerName } from '@claimlog/client/unstable-internals'
import type { CliError } from '../problem.ts'

/** Refuses an invalid name from `--worker` or $CLAIMLOG_WORKER, for a command that does not require one. */
export const checkWorkerName = (worker: string | undefined, command: string): E.Either<CliError, void> => {
  const problem = workerProblem(worker, command)
  return problem === undefined ? E.right(undefined) : E.left(problem)
}

/** The error for an invalid name from `--worker` or $CLAIMLOG_WORKER, for a command that does not require one. */
export const workerProblem = (worker: string | undefined, command: string): CliError | undefined =>
  worker === undefined || (WorkerName as { readonly is: (u: unknown) => boolean }).is(worker)
    ? undefined
    : {
        usage: 'usage',
        detail: `invalid --worker '${worker}': a name has ${String(WorkerName.jsonSchema['description'])}`,
        mend: `for example: claimlog ${command} --worker ann; see claimlog ${command} --help`,
      }
