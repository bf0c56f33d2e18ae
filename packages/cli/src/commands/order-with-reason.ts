import type * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import type { CliError } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { runOnKind, runOnTask } from '../run-order.ts'
import type { Settings } from '../session.ts'

/** Defines an order that a person gives about one task: `claimlog <name> <task_id> --reason TEXT`. */
export const orderOnTask = (command: 'hold' | 'unhold' | 'cancel' | 'retry', description: string) =>
  orderWithReason(command, '<task_id>', description, (settings, taskId, reason) =>
    runOnTask(settings, { command, taskId, reason }),
  )

/** Defines an order that a person gives about one kind: `claimlog <name> <kind> --reason TEXT`. */
export const orderOnKind = (command: 'pause' | 'resume', description: string) =>
  orderWithReason(command, '<kind>', description, (settings, kind, reason) =>
    runOnKind(settings, { command, kind, reason }),
  )

const orderWithReason =
  (
    name: string,
    argument: string,
    description: string,
    run: (settings: Settings, about: string, reason: string | undefined) => Promise<E.Either<CliError, Output>>,
  ) =>
  (program: Command): void => {
    program
      .command(name)
      .argument(argument)
      .description(description)
      .option('--reason <text>', 'why')
      .action(async (about: string, _options, command: Command) => {
        const settings = settingsOf<{ readonly reason?: string }>(command)
        finish('programs', true, await run(settings, about, settings.reason))
      })
  }
