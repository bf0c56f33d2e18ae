import * as E from 'fp-ts/lib/Either.js'
import { WorkerName } from '@claimlog/client/unstable-internals'
import type { CliError } from '../problem.ts'

/** Refuses a name given by `--worker` or $CLAIMLOG_WORKER to a command that may do without one, if it is none. */
export const checkWorkerName = (worker: string | undefined, command: string): E.Either<CliError, void> => {
  const problem = workerProblem(worker, command)
  return problem === undefined ? E.right(undefined) : E.left(problem)
}

/** What is wrong with a name given by `--worker` or $CLAIMLOG_WORKER to a command that may do without one. */
export const workerProblem = (worker: string | undefined, command: string): CliError | undefined =>
  worker === undefined || (WorkerName as { readonly is: (u: unknown) => boolean }).is(worker)
    ? undefined
    : {
        usage: 'usage',
        detail: `'${worker}' will not do for --worker: a name has ${String(WorkerName.jsonSchema['description'])}`,
        mend: `for example: claimlog ${command} --worker ann; claimlog ${command} --help tells more`,
      }
