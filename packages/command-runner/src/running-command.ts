import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Pipe } from './anonymous-pipes.ts'
import { forksSoFar, killEscaped, killSeen, type Traced } from './escaped-processes.ts'
import { guardArguments, type GuardedCommand, shell } from './guard.ts'

/** How a command ended: by itself, with a status, or by a signal. */
export type Ending = { readonly status: number | null; readonly signal: NodeJS.Signals | null }

/** A command that runs, in a process group of its own and under its guard. */
export type RunningCommand = {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the command and all that it started are gone, as far as guard.ts says. */
  readonly ended: Promise<Ending>
  /**
   * SIGTERM goes to all processes of the group; those that were stopped go on, so that they get it. SIGKILL goes to the
   * command, and what it started ends with it.
   */
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL') => void
  /** Kills all that runs, at once; what is not seen is left to the guard, in a process that is about to end. */
  readonly killAtOnce: () => void
}

/** What a command is started with. */
export type Start = GuardedCommand & {
  readonly environment: NodeJS.ProcessEnv
  /** The file that is its stdin. */
  readonly inputPath: string
  /** For its stdout and its stderr; where there is none, Node makes what it calls one. Both ends are taken over. */
  readonly pipes: readonly [Pipe | undefined, Pipe | undefined]
}

/** Starts a command. Rejects where the system cannot start it. */
export const startCommand = async (start: Start): Promise<RunningCommand> => {
  const forksBefore = forksSoFar()
  const [stdout, stderr] = start.pipes.map(readable)
  const child = await spawned(start).catch((thrown: unknown) => {
    stdout?.destroy()
    stderr?.destroy()
    throw thrown
  })
  const traced = { run: start.run, pid: child.pid, forksBefore }
  const ended = endOf(child, traced)
  return {
    stdout: stdout ?? (child.stdio[1] as Readable),
    stderr: stderr ?? (child.stdio[2] as Readable),
    ended,
    signal: signal => {
      if (isGone(child)) return
      if (signal === 'SIGKILL') return void child.kill(signal)
      signalGroup(traced.pid, signal)
      signalGroup(traced.pid, 'SIGCONT')
    },
    killAtOnce: () => {
      child.kill('SIGKILL')
      killSeen(traced)
    },
  }
}

const readable = (pipe: Pipe | undefined): Readable | undefined =>
  pipe && new Socket({ fd: pipe.readEnd, readable: true, writable: false })

/** A child process that has a pid. Closes here what is for the child only. */
const spawned = async ({ environment, inputPath, pipes, ...guarded }: Start): Promise<ChildProcess & HasPid> => {
  const forTheChild = pipes.flatMap(pipe => (pipe === undefined ? [] : [pipe.writeEnd]))
  try {
    // A file, so that nobody need wait for it to be read.
    const input = openSync(inputPath, 'r')
    forTheChild.push(input)
    // A session of its own too: Ctrl-C at a terminal is for the worker, which tells its commands what it thinks right.
    // Every pipe of ours is closed on exec, so no other command holds one open.
    const child = spawn(shell, guardArguments(guarded, environment), {
      detached: true,
      env: environment,
      stdio: [input, pipes[0]?.writeEnd ?? 'pipe', pipes[1]?.writeEnd ?? 'pipe', 'pipe'],
    })
    // With too many files open there is not even a list of them.
    for (const stream of child.stdio ?? []) stream?.on('error', () => undefined)
    if (hasPid(child)) return child
    throw ((await once(child, 'error')) as [Error])[0]
  } finally {
    for (const fd of forTheChild) closeSync(fd)
  }
}

type HasPid = { readonly pid: number }

const hasPid = (child: ChildProcess): child is ChildProcess & HasPid => child.pid !== undefined

const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** Ends what the command left running. 'close' would wait for whoever else has its stdout. */
const endOf = async (child: ChildProcess, traced: Traced): Promise<Ending> => {
  const ending = await new Promise<Ending>(resolve =>
    child.once('exit', (status, signal) => resolve({ status, signal })),
  )
  const areGone = await killEscaped(traced)
  // The guard dies of this, and so it comes last: a worker that is killed before has it finish. As long as it lives it is in
  // the group, whose number is nobody else's.
  signalGroup(traced.pid, 'SIGKILL')
  ;(child.stdio[3] as Readable).destroy()
  // Those in the group that started others again and again are gone now.
  if (!areGone) await killEscaped(traced)
  return ending
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // There is nobody left in it.
    return
  }
}
