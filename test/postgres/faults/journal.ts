import type { Either } from 'fp-ts/lib/Either.js'
import type { CommandInput, CommandResult } from '@claimlog/workspace'
import type { PostgresLocation } from '../../../packages/event-log-postgres/src/index.ts'

/** The settings of a worker process, as JSON on its command line. */
export type WorkerSettings = {
  readonly location: PostgresLocation
  /** Two processes can have the same name. */
  readonly worker: string
  /** The file to which it appends every call before, and every answer after it. */
  readonly journal: string
  readonly seed: number
  /** The difference of its wall clock to that of the machine. */
  readonly clockOffsetMs: number
  readonly lockTimeoutMs: number
}

/** A refusal has `error`, and a failure has `failure`. */
type NoResult = { readonly error?: string; readonly failure?: string; readonly isUsable?: true }

export type WorkerAnswer = Either<NoResult, CommandResult>

/** A line of a journal. The times are those of the machine's clock. */
export type CallLine = { readonly call: number; readonly atMs: number } & (
  { readonly worker: string; readonly input: CommandInput } | { readonly answer: WorkerAnswer }
)

/** A call of a worker process; without an answer if the process was killed first. */
export type JournaledCall = {
  readonly journal: string
  readonly worker: string
  readonly input: CommandInput
  readonly startMs: number
  readonly endMs: number | undefined
  readonly answer: WorkerAnswer | undefined
}

/** The calls in the journal of one process. A last line that was not finished is left out. */
export const parseJournal = (journal: string, text: string): ReadonlyArray<JournaledCall> => {
  const calls = new Map<number, JournaledCall>()
  for (const json of text.split('\n').slice(0, -1)) {
    const line = JSON.parse(json) as CallLine
    if ('input' in line) {
      const { worker, input, atMs: startMs } = line
      calls.set(line.call, { journal, worker, input, startMs, endMs: undefined, answer: undefined })
    } else {
      const call = calls.get(line.call)
      if (call === undefined) throw new Error(`${journal}: an answer to call ${line.call}, which was not made`)
      calls.set(line.call, { ...call, endMs: line.atMs, answer: line.answer })
    }
  }
  return [...calls.values()]
}
