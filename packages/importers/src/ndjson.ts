import * as E from 'fp-ts/lib/Either.js'
import { explainErrors } from '@claimlog/codecs'
import { NewTask } from '@claimlog/domain'
import { parseJson } from '@claimlog/workspace'

/** A task fits a line of 1 MiB in the log; the rest is room for white space and escapes. */
const maxLineLength = 16 * 1024 * 1024

/** A batch is one decision, which is held in memory: a million tasks take 1.7 GB. */
const maxTasks = 1_000_000

/** New tasks from NDJSON, a line the fields of `added`. Blank lines are passed over; a problem names its line. */
export const readNdjson = (text: string): E.Either<string, ReadonlyArray<NewTask>> => {
  const tasks: Array<NewTask> = []
  let number = 0
  for (const line of withoutBom(text).split('\n')) {
    number += 1
    if (line.trim() === '') continue
    if (line.length > maxLineLength) return E.left(`line ${number} is longer than 16 MiB, and a task is at most 1 MiB`)
    if (tasks.length === maxTasks)
      return E.left(`it holds more than ${maxTasks.toLocaleString('en-US')} tasks; split them into smaller batches`)
    const json = parseJson(line)
    if (E.isLeft(json)) return E.left(`line ${number} ${json.left}`)
    const task = NewTask.decode(json.right)
    if (E.isLeft(task)) return E.left(`line ${number}: the task ${explainErrors(task.left)}`)
    tasks.push(task.right)
  }
  return E.right(tasks)
}

/** Some editors and shells begin a file with a byte order mark; it says nothing. */
export const withoutBom = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text)
