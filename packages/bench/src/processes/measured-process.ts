import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { measuredEnvironment } from '../measure/machine.ts'
import type { Program } from './timed-process.ts'

/** A measured process that serves one request after another. */
export type MeasuredProcess = {
  readonly pid: number
  /** Sends a request and returns the response. Throws if the process exits before it has responded. */
  readonly request: (request: object) => Promise<unknown>
}

const running = new Set<ChildProcess>()

/** Kills every started process that still runs. */
export const endProcesses = (): void => {
  for (const child of running) child.kill('SIGKILL')
}

/** Starts `program` of this package once per argument list, waits until all are ready, and ends them after `body`. */
export const withProcesses = async <A>(
  program: string,
  argumentLists: ReadonlyArray<ReadonlyArray<string>>,
  body: (processes: ReadonlyArray<MeasuredProcess>) => Promise<A>,
): Promise<A> => {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url))
  const children = argumentLists.map(args =>
    trackChild(fork(path, args, { env: measuredEnvironment(), serialization: 'advanced' })),
  )
  return runAndKill(children, async () => {
    await Promise.all(children.map(receiveMessage))
    return body(children.map(child => ({ pid: requirePid(child), request: request => sendRequest(child, request) })))
  })
}

/** Starts `programs` with pipes for their output, and ends them after `body`. */
export const withPrograms = <A>(
  programs: ReadonlyArray<Program>,
  body: (started: ReadonlyArray<ChildProcessByStdio<null, Readable, Readable>>) => Promise<A>,
): Promise<A> => {
  const children = programs.map(({ args, environment }) =>
    trackChild(
      spawn(process.execPath, args, { env: measuredEnvironment(environment), stdio: ['ignore', 'pipe', 'pipe'] }),
    ),
  )
  return runAndKill(children, () => body(children))
}

const trackChild = <C extends ChildProcess>(child: C): C => {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

const runAndKill = async <A>(children: ReadonlyArray<ChildProcess>, body: () => Promise<A>): Promise<A> => {
  try {
    return await body()
  } finally {
    const exits = children.filter(child => running.has(child)).map(child => once(child, 'exit'))
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(exits)
  }
}

/** The process id. Throws if the process could not be started. */
export const requirePid = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error('a measured process could not be started')
  return pid
}

const sendRequest = (child: ChildProcess, request: object): Promise<unknown> => {
  const reply = receiveMessage(child)
  child.send(request)
  return reply
}

const receiveMessage = async (child: ChildProcess): Promise<unknown> => {
  const abort = new AbortController()
  const { signal } = abort
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]: Array<unknown>) => message),
      once(child, 'exit', { signal }).then(([code]: Array<unknown>) => {
        throw new Error(`a measured process exited with ${String(code)} before it responded`)
      }),
    ])
  } finally {
    abort.abort()
  }
}

/** In a measured process: replies to each request until the parent exits. */
export const serveRequests = <Q, A>(reply: (request: Q) => A | Promise<A>): void => {
  process.on('disconnect', () => process.exit())
  process.on('message', (request: Q) => {
    void Promise.resolve(reply(request)).then(response => process.send?.(response))
  })
  process.send?.('ready')
}
