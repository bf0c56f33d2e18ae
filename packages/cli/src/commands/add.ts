import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import type { NewTask } from '@claimlog/domain'
import { readNdjson } from '@claimlog/coordinator'
import {
  collected,
  jsonArgument,
  type Lease,
  leaseArgument,
  leaseMsOf,
  namesArgument,
  readStdin,
  wholeNumberArgument,
} from '../arguments.ts'
import type { CliError } from '../problem.ts'
import { finish, okDocument, type Output, settingsOf } from '../run.ts'
import { inWorkspace, type Settings } from '../session.ts'

type Options = {
  readonly title?: string
  readonly payload?: string
  readonly needs?: ReadonlyArray<string>
  readonly priority?: number
  readonly maxAttempts?: number
  readonly lease?: Lease
  readonly key?: string
  readonly tag?: ReadonlyArray<string>
}

export const add = (program: Command): void => {
  program
    .command('add')
    .argument('<kind>', 'what the task is routed by; - reads tasks from stdin, one JSON object a line')
    .argument('[task_id]', "the task's name (default: <kind>-<seq>)")
    .description('add a task, or with - many tasks at once, all or none')
    .option('--title <text>', 'what it is, for people')
    .option('--payload <json>', 'what its worker needs: JSON, @file, or - for stdin')
    .option('--needs <ids>', 'tasks that must be done first, separated by commas', namesArgument)
    .option('--priority <n>', '0 is most urgent, 9 least (default: 5)', wholeNumberArgument)
    .option('--max-attempts <n>', 'how often it is tried', wholeNumberArgument)
    .option('--lease <duration>', 'how long a claim on it lasts unless renewed, or none', leaseArgument)
    .option('--key <key>', 'never add a second task under this key')
    .option('--tag <tag>', 'a label; can be given more than once', collected)
    .action(async (kind: string, taskId: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('programs', true, kind === '-' ? await addLines(taskId, settings) : await addOne(kind, taskId, settings))
    })
}

const addOne = async (
  kind: string,
  taskId: string | undefined,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const payload = await jsonArgument('--payload', settings.payload)
  if (E.isLeft(payload)) return payload
  const { title, needs, priority, maxAttempts, key, tag: tags } = settings
  const leaseMs = leaseMsOf(settings.lease)
  const task: NewTask = {
    kind,
    taskId,
    title,
    payload: payload.right,
    needs,
    priority,
    maxAttempts,
    leaseMs,
    key,
    tags,
  }
  return inWorkspace(settings, async ({ workspace }) => {
    const answer = await workspace.run({ command: 'add', tasks: [task], by: settings.by })()
    if (E.isLeft(answer)) return answer
    const { tasks, seq } = answer.right
    return E.right({ json: okDocument(settings, { ...tasks[0], seq }) })
  })
}

/** What each line says for itself. */
const lineFields = [
  ['title', '--title'],
  ['payload', '--payload'],
  ['needs', '--needs'],
  ['priority', '--priority'],
  ['maxAttempts', '--max-attempts'],
  ['lease', '--lease'],
  ['key', '--key'],
  ['tag', '--tag'],
] as const

const addLines = async (
  taskId: string | undefined,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const said = lineFields.find(([field]) => settings[field] !== undefined)
  if (taskId !== undefined || said !== undefined)
    return E.left({
      usage: 'usage',
      detail: `add - takes everything from the lines it reads, also ${said?.[1] ?? 'the task_id'}`,
      mend: `write it into the lines, as in {"kind": "docs", "task_id": "inspect-docs", "title": "…"}`,
    })
  const text = await readStdin()
  if (E.isLeft(text)) return text
  const tasks = readNdjson(text.right)
  if (E.isLeft(tasks))
    return E.left({
      usage: 'bad_input',
      detail: tasks.left,
      mend: 'no task was added; write each line like {"kind": "docs", "task_id": "inspect-docs", "title": "…"}',
    })
  return inWorkspace(settings, async ({ workspace }) => {
    const answer = await workspace.run({ command: 'add', tasks: tasks.right, by: settings.by })()
    if (E.isLeft(answer)) return answer
    const { tasks: added, seq } = answer.right
    return E.right({ json: okDocument(settings, { tasks: added.map(({ task }) => task), seq }) })
  })
}
