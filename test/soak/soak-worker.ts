import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import { claimlogPath, commandPath, createEnvironment, appendNote, type SoakDirs } from './command-line.ts'

/** The disturbance of a worker process, which determines how it may exit. It is asked to exit by SIGTERM. */
export type Disturbance = 'killed' | 'asked to exit' | 'asked to exit twice'

/** A worker process, from start to exit. */
export type WorkerProcess = {
  readonly name: string
  /** The value of `SOAK_WORKER` in its environment and that of its children; unique per process. */
  readonly marker: string
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  disturbed: Disturbance | undefined
  isStopped: boolean
  endedAt: number | undefined
  /** Resolves to the problem with its exit, in words; undefined if there is none. */
  readonly ended: Promise<string | undefined>
}

/** The length of the end of stderr that is kept. */
const stderrLengthMax = 2000

/** Starts `claimlog work` with `words`, as `name`. */
export const startWorker = (
  dirs: SoakDirs,
  name: string,
  startNumber: number,
  words: ReadonlyArray<string>,
): WorkerProcess => {
  const marker = `${basename(dirs.scratch)}-${name}-${startNumber}`
  const child = spawn(
    process.execPath,
    [claimlogPath(dirs), 'work', name, ...words, '--grace', '1s', '--', commandPath(dirs)],
    { env: createEnvironment(dirs, { SOAK_WORKER: marker }), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  if (child.pid === undefined) throw new Error(`${name} could not be started`)
  const isJson = words.includes('--json')
  const output = readOutput(child, isJson)
  const worker: WorkerProcess = {
    ...{ name, marker, pid: child.pid, disturbed: undefined, isStopped: false },
    endedAt: undefined,
    kill: signal => {
      child.kill(signal)
      appendNote(dirs, `${signal} to ${marker} (${child.pid})`)
    },
    ended: new Promise(resolve => {
      child.on('exit', () => {
        worker.endedAt = Date.now()
        appendNote(dirs, `${marker} has exited`)
      })
      child.on('close', (status, signal) => {
        const exit = { status, signal, disturbed: worker.disturbed, ...output }
        resolve(
          isExpectedExit(exit)
            ? output.invalidLine
            : `${marker} was ${exit.disturbed ?? 'not disturbed'} and exited with ${signal ?? status}: ${output.stderr}`,
        )
      })
    }),
  }
  return worker
}

type WorkerOutput = {
  stdoutLength: number
  stderr: string
  /** An unexpected line of its stdout. */
  invalidLine: string | undefined
  /** True if it reported a task that failed for good; `hasLost`: a lost claim, by which a task may have failed. */
  hasFailed: boolean
  hasLostClaim: boolean
}

const readOutput = (child: ChildProcess, isJson: boolean): WorkerOutput => {
  const output: WorkerOutput = {
    stdoutLength: 0,
    stderr: '',
    invalidLine: undefined,
    hasFailed: false,
    hasLostClaim: !isJson,
  }
  let partialLine = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdoutLength += text.length
    const lines = `${partialLine}${text}`.split('\n')
    partialLine = lines.pop() ?? ''
    if (!isJson) return
    output.invalidLine ??= lines.find(line => !isEvent(line))
    output.hasFailed ||= lines.some(line => /"event":"failed".*"status":"failed"/.test(line))
    output.hasLostClaim ||= lines.some(line => line.includes('"event":"lost"'))
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr = `${output.stderr}${text}`.slice(-stderrLengthMax)
  })
  return output
}

const isEvent = (line: string): boolean => {
  try {
    return typeof (JSON.parse(line) as { event?: unknown }).event === 'string'
  } catch {
    return false
  }
}

type WorkerExit = Pick<WorkerProcess, 'disturbed'> &
  Pick<WorkerOutput, 'stdoutLength' | 'stderr' | 'hasFailed' | 'hasLostClaim'> & {
    readonly status: number | null
    readonly signal: NodeJS.Signals | null
  }

const isExpectedExit = ({
  disturbed,
  status,
  signal,
  stdoutLength,
  stderr,
  hasFailed,
  hasLostClaim,
}: WorkerExit): boolean => {
  // A worker that has just started may not handle signals yet.
  if (signal === 'SIGTERM') return disturbed !== undefined && stdoutLength + stderr.length === 0
  const isRegularExit = status === 9 ? hasFailed || hasLostClaim : status === 0 && !hasFailed
  switch (disturbed) {
    case undefined:
      return false
    case 'killed':
      return signal === 'SIGKILL'
    case 'asked to exit':
      return isRegularExit
    case 'asked to exit twice':
      // It may have exited between the two signals.
      return status === 130 || isRegularExit
  }
}
