import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { plainEnvironment } from '../measure/machine.ts'
import type { Program } from './whole-process.ts'

/** A process that is measured, and is told what to do one question after another. */
export type Measured = {
  readonly pid: number
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
  const children = argumentsOf.map(args =>
    remembered(fork(path, args, { env: plainEnvironment(), serialization: 'advanced' })),
  )
  return endingAfter(children, async () => {
    await Promise.all(children.map(nextMessage))
    return body(children.map(child => ({ pid: pidOf(child), ask: question => answerOf(child, question) })))
  })
}

/** Starts `programs` with pipes for their output, and ends them after `body`. */
export const withPrograms = <A>(
  programs: ReadonlyArray<Program>,
  body: (started: ReadonlyArray<ChildProcessByStdio<null, Readable, Readable>>) => Promise<A>,
): Promise<A> => {
  const children = programs.map(({ args, environment }) =>
    remembered(
      spawn(process.execPath, args, { env: plainEnvironment(environment), stdio: ['ignore', 'pipe', 'pipe'] }),
    ),
  )
  return endingAfter(children, () => body(children))
}

const remembered = <C extends ChildProcess>(child: C): C => {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

const endingAfter = async <A>(children: ReadonlyArray<ChildProcess>, body: () => Promise<A>): Promise<A> => {
  try {
    return await body()
  } finally {
    const ended = children.filter(child => running.has(child)).map(child => once(child, 'exit'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(ended)
  }
}

/** The number of a process that was started. */
export const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error('a process that is measured could not be started')
  return pid
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
