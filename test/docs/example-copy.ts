import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import {
  claimlogPath,
  cleanEnvironment,
  type ProcessResult,
  run,
  temporaryDirectory,
} from '../support/claimlog-process.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { waitUntilWatching } from '../support/machine/process-state.ts'
import { slowPoll } from '../support/worker-command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A copy of one of the examples, as a reader would make it; deleted after the test. */
export type ExampleCopy = {
  readonly dir: string
  readonly workspace: CliWorkspace
  /** Runs a line in a shell in its folder, to its end. */
  readonly runShell: (line: string, env?: Readonly<Record<string, string>>) => Promise<ProcessResult>
  /** Starts one of its programs. */
  readonly start: (command: string, words: ReadonlyArray<string>) => StartedProgram
  readonly text: (path: string) => string
}

/** A running program, and the output that it has printed so far. */
type StartedProgram = {
  readonly stdout: () => string
  /** Resolves once the program waits for events of the log. */
  readonly waitUntilWatching: () => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<ProcessResult>
}

/** Copies an example, with `claimlog` on its PATH and the library in its node_modules. */
export const copyExample = (name: string): ExampleCopy => {
  const home = temporaryDirectory()
  const dir = join(home, name)
  cpSync(join(root, 'examples', name), dir, { recursive: true })
  mkdirSync(join(home, 'bin'))
  symlinkSync(claimlogPath, join(home, 'bin', 'claimlog'))
  mkdirSync(join(home, 'node_modules'))
  symlinkSync(join(root, 'packages/claimlog'), join(home, 'node_modules/claimlog'))
  const settings = {
    PATH: [join(home, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter),
    // Without the user's git settings, such as commit signing.
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  return {
    dir,
    workspace: cliWorkspace(dir),
    runShell: (line, env = {}) => run('sh', ['-c', line], { cwd: dir, env: { ...settings, ...env } }),
    start: (command, words) => {
      const child = spawn(command, words, { cwd: dir, env: cleanEnvironment(settings) })
      onTestFinished(() => void child.kill('SIGKILL'))
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      const ended = new Promise<ProcessResult>(resolve =>
        child.on('close', status => resolve({ status, stdout, stderr })),
      )
      const until = (condition: () => boolean) => vi.waitUntil(condition, slowPoll)
      return {
        stdout: () => stdout,
        waitUntilWatching: () => waitUntilWatching(child.pid ?? 0, until),
        kill: signal => void child.kill(signal),
        ended,
      }
    },
    text: path => readFileSync(join(dir, path), 'utf8'),
  }
}
