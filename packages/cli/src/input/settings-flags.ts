import { type Command, Option } from 'commander'
import { defaultLockTimeoutMs } from '@claimlog/event-log-file'
import { dirArgument, durationArgument } from './arguments.ts'

/** Gives `program` the flags that every command takes. */
export const withSettingsFlags = (program: Command): Command =>
  program
    .addOption(
      new Option('--dir <dir>', 'the directory that holds events.jsonl').argParser(dirArgument).env('CLAIMLOG_DIR'),
    )
    .option('--json', 'print JSON also where people are meant to read')
    .addOption(new Option('--by <name>', 'who gives the order, for the log').env('CLAIMLOG_BY'))
    .addOption(
      new Option('--durability <level>', 'what ok survives: a power cut, or a crash')
        .choices(['disk', 'os'])
        .default('disk')
        .env('CLAIMLOG_DURABILITY'),
    )
    .addOption(
      new Option('--lock-timeout <duration>', 'how long to wait for other writers')
        .argParser(durationArgument)
        .default(defaultLockTimeoutMs, '10s')
        .env('CLAIMLOG_LOCK_TIMEOUT'),
    )

/** The flag by which a caller that got no answer can ask again without harm. */
export const requestIdOption = (): Option =>
  new Option(
    '--request-id <id>',
    'your own id for this request: sent again, it gets the first answer and changes nothing',
  )
