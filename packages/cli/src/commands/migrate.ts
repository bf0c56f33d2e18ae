import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { printMigration } from '@claimlog/client/unstable-internals'
import type { MigrateView } from '@claimlog/wire'
import type { CliError } from '../cli-error.ts'
import { printOutcome } from '../run.ts'

type MigrateFlags = { readonly schema: string; readonly role: string }

export const migrate = (program: Command): void => {
  program
    .command('migrate')
    .description('Print the SQL that prepares a PostgreSQL database for logs, to review it and run it with psql')
    .requiredOption('--print', 'Print it; claimlog init --log URL runs the same SQL')
    .option('--schema <name>', 'Schema of the tables', 'claimlog')
    .option('--role <name>', 'Role of the workers; it is created if it does not exist', 'claimlog_worker')
    .action(({ schema, role }: MigrateFlags) =>
      pipe(
        printMigration(schema, role),
        TE.mapLeft((detail): CliError => ({
          usage: 'usage',
          detail,
          hint: 'nothing was printed; see claimlog help migrate',
        })),
        TE.map(sql => {
          const view: MigrateView = { ok: true, sql }
          return { json: view, text: () => sql }
        }),
        async outcome => printOutcome(program.opts<{ readonly json?: true }>().json === true, await outcome()),
      ),
    )
}
