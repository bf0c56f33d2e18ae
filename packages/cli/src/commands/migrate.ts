import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, InvalidArgumentError } from 'commander'
import { printMigration } from '@claimlog/client/unstable-internals'
import type { MigrateView } from '@claimlog/wire'
import { printOutcome } from '../run.ts'

type MigrateFlags = { readonly schema: string; readonly role: string }

export const migrate = (program: Command): void => {
  program
    .command('migrate')
    .description('Print the SQL that prepares a PostgreSQL database for logs, to review it and run it with psql')
    .requiredOption('--print', 'Print it; claimlog init --log URL runs the same SQL')
    .option('--schema <name>', 'Schema of the tables', parseIdentifier, 'claimlog')
    .option(
      '--role <name>',
      'Role of the workers; it is created if it does not exist',
      parseIdentifier,
      'claimlog_worker',
    )
    .action(({ schema, role }: MigrateFlags) =>
      pipe(
        TE.fromTask(() => printMigration(schema, role)),
        TE.map(sql => {
          const view: MigrateView = { ok: true, sql }
          return { json: view, text: () => sql }
        }),
        async outcome => printOutcome(program.opts<{ readonly json?: true }>().json === true, await outcome()),
      ),
    )
}

/** Both names become part of statements: only what needs no quotes is accepted. */
const parseIdentifier = (name: string): string => {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name)) return name
  throw new InvalidArgumentError('use lower-case letters, digits and underscores, at most 63')
}
