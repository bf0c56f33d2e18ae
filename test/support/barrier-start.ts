import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { cleanEnvironment, type ProcessResult } from './claimlog-process.ts'

/** One process: a program and its arguments. It prints `ready` on stderr, and starts when its stdin closes. */
export type BarrierProcess = { readonly command: string; readonly args: ReadonlyArray<string> }

/** Starts all at once when the last one is ready, so that no early one wins everything; resolves when all exit. */
export const startAtBarrier = async (
  processes: ReadonlyArray<BarrierProcess>,
  cwd: string,
): Promise<ReadonlyArray<ProcessResult>> => {
  const started = processes.map(barrierProcess => startProcess(barrierProcess, cwd))
  await Promise.all(started.map(waiting => waiting.ready))
  for (const waiting of started) waiting.start()
  return Promise.all(started.map(waiting => waiting.result))
}

type WaitingProcess = {
  readonly ready: Promise<void>
  readonly start: () => void
  readonly result: Promise<ProcessResult>
}

const startProcess = ({ command, args }: BarrierProcess, cwd: string): WaitingProcess => {
  // A separate process group, so that the children of a shell end with it.
  const child = spawn(command, args, { cwd, env: cleanEnvironment(), detached: true })
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  const closed = once(child, 'close') as Promise<[number | null]>
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (stderr.startsWith('ready\n')) resolve()
    })
    closed.then(() => reject(new Error(`the process exited before it was ready: ${stderr}`)), reject)
  })
  const result = closed.then(([status]) => ({ status, stdout, stderr: stderr.replace(/^ready\n/, '') }))
  return { ready, start: () => child.stdin.end(), result }
}
