import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Pipe } from './anonymous-pipes.ts'
import { countForks, killOrphans, killOrphansOnce, type CommandRun } from './orphan-reaper.ts'
import { watchdogArguments, type WatchedCommand, shell } from './watchdog.ts'

/** The exit status of a command, or the signal that killed it. */
export type CommandExit = { readonly status: number | null; readonly signal: NodeJS.Signals | null }

/** A running command, in a separate process group with a watchdog. */
export type RunningCommand = {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the command and its child processes have ended, with the exceptions listed in watchdog.ts. */
  readonly exited: Promise<CommandExit>
  /**
   * Sends SIGTERM to all processes of the group, followed by SIGCONT so that stopped ones receive it; or SIGKILL to the
   * command, which also ends its child processes.
   */
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL') => void
  /** Kills the command and its visible child processes synchronously, before an exit; the watchdog kills the rest. */
  readonly killSync: () => void
}

/** The options of {@link startCommand}. */
export type StartOptions = WatchedCommand & {
  readonly environment: NodeJS.ProcessEnv
  /** The file for its stdin. */
  readonly inputPath: string
  /** For stdout and stderr; undefined: a socket from Node. Both ends of a pipe are closed by this module. */
  readonly pipes: readonly [Pipe | undefined, Pipe | undefined]
}

/** Starts a command. Rejects if the system cannot start it. */
export const startCommand = async (options: StartOptions): Promise<RunningCommand> => {
  const initialForks = countForks()
  const [stdout, stderr] = options.pipes.map(toReadable)
  const child = await spawnCommand(options).catch((thrown: unknown) => {
    stdout?.destroy()
    stderr?.destroy()
    throw thrown
  })
  const commandRun = { runId: options.runId, pid: child.pid, initialForks }
  const exited = waitForExit(child, commandRun)
  return {
    stdout: stdout ?? (child.stdio[1] as Readable),
    stderr: stderr ?? (child.stdio[2] as Readable),
    exited,
    signal: signal => {
      if (hasExited(child)) return
      if (signal === 'SIGKILL') return void child.kill(signal)
      signalGroup(commandRun.pid, signal)
      signalGroup(commandRun.pid, 'SIGCONT')
    },
    killSync: () => {
      child.kill('SIGKILL')
      killOrphansOnce(commandRun)
    },
  }
}

const toReadable = (pipe: Pipe | undefined): Readable | undefined =>
  pipe && new Socket({ fd: pipe.readEnd, readable: true, writable: false })

/** Spawns a child process. Closes the descriptors that only the child needs. */
const spawnCommand = async ({
  environment,
  inputPath,
  pipes,
  ...watchedCommand
}: StartOptions): Promise<ChildProcess & HasPid> => {
  const childDescriptors = pipes.flatMap(pipe => (pipe === undefined ? [] : [pipe.writeEnd]))
  try {
    // A file instead of a pipe, so that nothing waits until it is read.
    const input = openSync(inputPath, 'r')
    childDescriptors.push(input)
    // A separate session, too: Ctrl-C in a terminal is for the worker, which then stops its commands itself.
    // All our pipes are closed on exec, so no other command keeps one open.
    const child = spawn(shell, watchdogArguments(watchedCommand, environment), {
      detached: true,
      env: environment,
      stdio: [input, pipes[0]?.writeEnd ?? 'pipe', pipes[1]?.writeEnd ?? 'pipe', 'pipe'],
    })
    // If too many files are open, `stdio` is undefined.
    for (const stream of child.stdio ?? []) stream?.on('error', () => undefined)
    if (hasPid(child)) return child
    throw ((await once(child, 'error')) as [Error])[0]
  } finally {
    for (const fd of childDescriptors) closeSync(fd)
  }
}

type HasPid = { readonly pid: number }

const hasPid = (child: ChildProcess): child is ChildProcess & HasPid => child.pid !== undefined

const hasExited = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/**
 * Waits for the exit and kills remaining processes. The event 'close' would wait for other processes with its stdout.
 */
const waitForExit = async (child: ChildProcess, commandRun: CommandRun): Promise<CommandExit> => {
  const exit = await new Promise<CommandExit>(resolve =>
    child.once('exit', (status, signal) => resolve({ status, signal })),
  )
  const allKilled = await killOrphans(commandRun)
  // This also kills the watchdog, so it comes last: if the worker is killed before, the watchdog finishes the job.
  // While it lives, the process group exists, so its id cannot belong to another group.
  signalGroup(commandRun.pid, 'SIGKILL')
  ;(child.stdio[3] as Readable).destroy()
  // Processes in the group that kept starting others are dead now.
  if (!allKilled) await killOrphans(commandRun)
  return exit
}

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is empty.
    return
  }
}
