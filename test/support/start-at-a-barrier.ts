import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { cleanEnvironment, type Finished } from './claimlog-process.ts'

/** One process: a program and its arguments. It prints `ready` on stderr, and starts when its stdin closes. */
export type Runner = { readonly command: string; readonly words: ReadonlyArray<string> }

/** Starts all at once when the last one is ready, so that no early one wins everything; resolves when all exit. */
export const startAtABarrier = async (
  runners: ReadonlyArray<Runner>,
  cwd: string,
): Promise<ReadonlyArray<Finished>> => {
  const racing = runners.map(runner => start(runner, cwd))
  await Promise.all(racing.map(each => each.ready))
  for (const each of racing) each.go()
  return Promise.all(racing.map(each => each.finished))
}

type Racing = {
  readonly ready: Promise<void>
  readonly go: () => void
  readonly finished: Promise<Finished>
}

const start = ({ command, words }: Runner, cwd: string): Racing => {
  // A separate process group, so that the children of a shell end with it.
  const child = spawn(command, words, { cwd, env: cleanEnvironment(), detached: true })
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  const ended = once(child, 'close') as Promise<[number | null]>
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (stderr.startsWith('ready\n')) resolve()
    })
    ended.then(() => reject(new Error(`the process exited before it was ready: ${stderr}`)), reject)
  })
  const finished = ended.then(([status]) => ({ status, stdout, stderr: stderr.replace(/^ready\n/, '') }))
  return { ready, go: () => child.stdin.end(), finished }
}
