import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import { type Answer, type Order, rehearse } from '@claimlog/workspace'
import { type ImportFormat, importFormats } from '@claimlog/importers'
import { batchLimit, readStdin, readTextFile } from '../input/input-text.ts'
import type { CliError } from '../problem.ts'
import { finish, okDocument, type Output, settingsOf } from '../run.ts'
import { inWorkspace, type Session, type Settings, stampOf } from '../session.ts'

type Options = {
  readonly kind?: string
  readonly from?: ImportFormat
  readonly dryRun?: true
  readonly keepExisting?: true
}

export const importFile = (program: Command): void => {
  program
    .command('import')
    .argument('<file>', "a queue.json, a task graph's tasks.json, NDJSON, or another tool's file; - reads stdin")
    .description('take tasks over from a file, all or none; importing it again changes nothing')
    .option('--kind <kind>', 'the kind of tasks that name none (default: task)')
    .addOption(
      new Option('--from <format>', 'what the file is (default: what its shape says)').choices(
        Object.keys(importFormats),
      ),
    )
    .option('--dry-run', 'write nothing: say what would come, what is here already, and what is left out and why')
    .option('--keep-existing', 'leave a task that is here and differs as it is, and take over the others')
    .action(async (file: string, _options, command: Command) => {
      finish('programs', true, await importFrom(file, settingsOf<Options>(command)))
    })
}

const importFrom = async (file: string, settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  const text = file === '-' ? await readStdin(batchLimit) : await readTextFile(file, batchLimit)
  if (E.isLeft(text)) return text
  const { readImport, importReport } = await import('@claimlog/importers/read-files')
  const { kind, from, dryRun, keepExisting: keep } = settings
  const read = readImport(text.right, { kind, from })
  if (E.isLeft(read))
    return E.left({
      usage: 'bad_input',
      detail: `${file}: ${read.left}`,
      mend: 'nothing was imported; mend the file and import it again',
    })
  const { tasks, foreign, format } = read.right
  const order: Order = { command: 'import', tasks, foreign: foreign || undefined, keep }
  return inWorkspace(settings, async session => {
    const answer = dryRun === true ? await rehearsed(session, order) : await carriedOut(session, settings, order)
    if (E.isLeft(answer)) return answer
    const { tasks: came, seq, appended } = answer.right
    const counted = { imported: came.length, unchanged: tasks.length - came.length }
    const listed = { tasks: came.map(({ task }) => task), seq: dryRun === true ? seq - appended : seq }
    if (!foreign && dryRun !== true && keep !== true)
      return E.right({ json: okDocument(settings, { ...counted, ...listed }) })
    const report = await session.workspace.read(state => importReport(read.right, answer.right, state))()
    if (E.isLeft(report)) return report
    const { counts, leftOut } = report.right
    return E.right({
      json: okDocument(settings, { dry_run: dryRun, format, ...counted, counts, left_out: leftOut, ...listed }),
    })
  })
}

const carriedOut = ({ workspace }: Session, settings: Settings, order: Order): Promise<E.Either<CliError, Answer>> =>
  workspace.run({ ...order, ...stampOf(settings) })()

/** The answer that the order would get now. The state is only looked at, so that not even `queue.json` is written. */
const rehearsed = async ({ workspace }: Session, order: Order): Promise<E.Either<CliError, Answer>> => {
  const seen = await workspace.read((state, now) => rehearse(state, now, order))()
  return E.isLeft(seen) ? seen : seen.right
}
