import type * as t from 'io-ts'
import { listProblems, toCodeName } from '@claimlog/codecs'

/** A field of a command that is wrong; `task`: the number of its task in a batch, from 1. */
export type InputProblem = {
  readonly task?: number
  /** Its name, as in `backoff.maxMs`; empty: the command itself. */
  readonly field: string
  /** As in `must be a whole number`. */
  readonly problem: string
}

/** Why an input is refused: a sentence, or the fields that are wrong. */
export type BadInputDetail = string | ReadonlyArray<InputProblem>

/** The text of `detail`. `spell` spells the name of a field, which is given as in code. */
export const explainBadInput = (detail: BadInputDetail, spell: (codeName: string) => string): string =>
  typeof detail === 'string'
    ? detail
    : detail
        .map(({ task, field, problem }) =>
          [task === undefined ? '' : `task ${task}:`, spell(field), problem].filter(Boolean).join(' '),
        )
        .join('; ')

/** Lists the fields of a command that are wrong as the caller knows them: those of a single task without its number. */
export const listInputProblems = (errors: t.Errors, isSingleTask: boolean): ReadonlyArray<InputProblem> =>
  listProblems(errors).map(({ path, problem }) => ({ ...locateField(path, isSingleTask), problem }))

const locateField = (path: ReadonlyArray<string>, isSingleTask: boolean): Pick<InputProblem, 'task' | 'field'> => {
  const [first, index, ...rest] = path
  if (first !== 'tasks' || index === undefined) return { field: toFieldName(path) }
  const field = toFieldName(rest.filter(part => part !== 'task' && part !== 'importedState'))
  return isSingleTask ? { field: field || 'the task' } : { task: Number(index) + 1, field }
}

const toFieldName = (path: ReadonlyArray<string>): string => path.map(toCodeName).join('.')
