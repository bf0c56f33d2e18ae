import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { plainEnvironment } from './machine.ts'

/** A process that is measured, and is told what to do one question after another. */
export type Measured = {
  /** The answer to `question`. Throws where the process ends before it has answered. */
  readonly ask: (question: object) => Promise<unknown>
}

const running = new Set<ChildProcess>()

/** Ends every process that was started and still runs. */
export const endProcesses = (): void => {
  for (const child of running) child.kill('SIGKILL')
}

/** Starts `program` of this package `count` times, waits until each says that it is ready, and ends them after `body`. */
export const withProcesses = async <A>(
  program: string,
  argumentsOf: ReadonlyArray<ReadonlyArray<string>>,
  body: (processes: ReadonlyArray<Measured>) => Promise<A>,
): Promise<A> => {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url))
  const children = argumentsOf.map(args => {
    const child = fork(path, args, { env: plainEnvironment(), serialization: 'advanced' })
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  })
  try {
    await Promise.all(children.map(nextMessage))
    return await body(children.map(child => ({ ask: question => answerOf(child, question) })))
  } finally {
    const ended = children.filter(child => running.has(child)).map(child => once(child, 'exit'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
  }
}

const answerOf = (child: ChildProcess, question: object): Promise<unknown> => {
  const answer = nextMessage(child)
  child.send(question)
  return answer
}

const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const abandoned = new AbortController()
  const { signal } = abandoned
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]: Array<unknown>) => message),
      once(child, 'exit', { signal }).then(([code]: Array<unknown>) => {
        throw new Error(`a measured process ended with ${String(code)} before it had answered`)
      }),
    ])
  } finally {
    abandoned.abort()
  }
}

/** In a measured process: answers each question with what `answer` makes of it, until the parent is gone. */
export const answerQuestions = <Q, A>(answer: (question: Q) => A | Promise<A>): void => {
  process.on('disconnect', () => process.exit())
  process.on('message', (question: Q) => {
    void Promise.resolve(answer(question)).then(answered => process.send?.(answered))
  })
  process.send?.('ready')
}
