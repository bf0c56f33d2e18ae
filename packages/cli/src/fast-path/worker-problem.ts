import { WorkerName } from '@claimlog/domain'
import type { CliError } from '../problem.ts'

/** What is wrong with a name given by `--worker` or $CLAIMLOG_WORKER to a command that may do without one. */
export const workerProblem = (worker: string | undefined, command: string): CliError | undefined =>
  worker === undefined || (WorkerName as { readonly is: (u: unknown) => boolean }).is(worker)
    ? undefined
    : {
        usage: 'usage',
        detail: `'${worker}' will not do for --worker: a name has ${String(WorkerName.jsonSchema['description'])}`,
        mend: `for example: claimlog ${command} --worker ann; claimlog ${command} --help tells more`,
      }
