import { type ChildProcess, spawn } from 'node:child_process'
import { basename } from 'node:path'
import { claimlogPath, commandPath, environmentFor, note, type Place } from './command-line.ts'

/** The disturbance of a worker process, which determines how it may exit. `told`: by SIGTERM. */
export type Disturbance = 'killed' | 'told' | 'told twice'

/** A worker process, from start to exit. */
export type WorkerProcess = {
  readonly name: string
  /** The value of `SOAK_WORKER` in its environment and that of its children; unique per process. */
  readonly mark: string
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  disturbed: Disturbance | undefined
  isStopped: boolean
  endedAt: number | undefined
  /** Resolves to the problem with its exit, in words; undefined if there is none. */
  readonly ended: Promise<string | undefined>
}

/** The length of the end of stderr that is kept. */
const keptLength = 2000

/** Starts `claimlog work` with `words`, as `name`. */
export const startWorker = (place: Place, name: string, n: number, words: ReadonlyArray<string>): WorkerProcess => {
  const mark = `${basename(place.scratch)}-${name}-${n}`
  const child = spawn(
    process.execPath,
    [claimlogPath(place), 'work', name, ...words, '--grace', '1s', '--', commandPath(place)],
    { env: environmentFor(place, { SOAK_WORKER: mark }), stdio: ['ignore', 'pipe', 'pipe'] },
  )
  if (child.pid === undefined) throw new Error(`${name} could not be started`)
  const isJson = words.includes('--json')
  const said = hear(child, isJson)
  const worker: WorkerProcess = {
    ...{ name, mark, pid: child.pid, disturbed: undefined, isStopped: false },
    endedAt: undefined,
    kill: signal => {
      child.kill(signal)
      note(place, `${signal} to ${mark} (${child.pid})`)
    },
    ended: new Promise(resolve => {
      child.on('exit', () => {
        worker.endedAt = Date.now()
        note(place, `${mark} has exited`)
      })
      child.on('close', (status, signal) => {
        const how = { status, signal, disturbed: worker.disturbed, ...said }
        resolve(
          isAsItMust(how)
            ? said.odd
            : `${mark} was ${how.disturbed ?? 'not disturbed'} and exited with ${signal ?? status}: ${said.stderr}`,
        )
      })
    }),
  }
  return worker
}

type Said = {
  stdoutLength: number
  stderr: string
  /** An unexpected line of its stdout. */
  odd: string | undefined
  /** True if it reported a task that failed for good; `hasLostClaim`: a lost claim, by which a task may have failed. */
  hasFailed: boolean
  hasLost: boolean
}

const hear = (child: ChildProcess, isJson: boolean): Said => {
  const said: Said = { stdoutLength: 0, stderr: '', odd: undefined, hasFailed: false, hasLost: !isJson }
  let open = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.stdoutLength += text.length
    const lines = `${open}${text}`.split('\n')
    open = lines.pop() ?? ''
    if (!isJson) return
    said.odd ??= lines.find(line => !isEvent(line))
    said.hasFailed ||= lines.some(line => /"event":"failed".*"status":"failed"/.test(line))
    said.hasLost ||= lines.some(line => line.includes('"event":"lost"'))
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.stderr = `${said.stderr}${text}`.slice(-keptLength)
  })
  return said
}

const isEvent = (line: string): boolean => {
  try {
    return typeof (JSON.parse(line) as { event?: unknown }).event === 'string'
  } catch {
    return false
  }
}

type How = Pick<WorkerProcess, 'disturbed'> &
  Pick<Said, 'stdoutLength' | 'stderr' | 'hasFailed' | 'hasLost'> & {
    readonly status: number | null
    readonly signal: NodeJS.Signals | null
  }

const isAsItMust = ({ disturbed, status, signal, stdoutLength, stderr, hasFailed, hasLost }: How): boolean => {
  // A worker that has just started may not handle signals yet.
  if (signal === 'SIGTERM') return disturbed !== undefined && stdoutLength + stderr.length === 0
  const isEndOfItsOwn = status === 9 ? hasFailed || hasLost : status === 0 && !hasFailed
  switch (disturbed) {
    case undefined:
      return false
    case 'killed':
      return signal === 'SIGKILL'
    case 'told':
      return isEndOfItsOwn
    case 'told twice':
      // It may have exited between the two signals.
      return status === 130 || isEndOfItsOwn
  }
}
