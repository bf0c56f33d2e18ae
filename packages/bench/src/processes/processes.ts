import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { plainEnvironment } from '../measure/machine.ts'
import type { Program } from './whole-process.ts'

/** A measured process that serves one request after another. */
export type Measured = {
  readonly pid: number
  /** Sends a request and returns the response. Throws if the process exits before it has responded. */
  readonly ask: (question: object) => Promise<unknown>
}

const running = new Set<ChildProcess>()

/** Kills every started process that still runs. */
export const endProcesses = (): void => {
  for (const child of running) child.kill('SIGKILL')
}

/** Starts `program` of this package once per argument list, waits until all are ready, and ends them after `body`. */
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

/** The process id. Throws if the process could not be started. */
export const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error('a measured process could not be started')
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
        throw new Error(`a measured process exited with ${String(code)} before it responded`)
      }),
    ])
  } finally {
    abandoned.abort()
  }
}

/** In a measured process: replies to each request until the parent exits. */
export const answerQuestions = <Q, A>(answer: (question: Q) => A | Promise<A>): void => {
  process.on('disconnect', () => process.exit())
  process.on('message', (question: Q) => {
    void Promise.resolve(answer(question)).then(answered => process.send?.(answered))
  })
  process.send?.('ready')
}
