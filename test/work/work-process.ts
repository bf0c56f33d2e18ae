import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, onTestFinished } from 'vitest'
import { cleanEnvironment } from '../support/claimlog-process.ts'

const resolvePath = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

let bundle: Promise<string> | undefined

/** The handler as one file that Node runs; deleted after the tests of this file. */
export const handlerBundle = (): Promise<string> =>
  (bundle ??= makeBundle(mkdtempSync(join(tmpdir(), 'claimlog-test-'))))

const makeBundle = async (folder: string): Promise<string> => {
  const outfile = join(folder, 'command-handler.mjs')
  await build({
    entryPoints: [resolvePath('../../packages/command-runner/src/command-handler.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['claimlog-source'],
    mainFields: ['module', 'main'],
    // Only the log needs locks; no command does.
    loader: { '.node': 'empty' },
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  })
  return outfile
}

afterAll(async () => {
  if (bundle !== undefined) rmSync(dirname(await bundle), { recursive: true })
})

/** A message of a worker process about its i-th command. */
type WorkMessage = { readonly i: number; readonly line?: string; readonly outcome?: string }

/** A process that runs commands, each for a task, all at once. */
export type WorkProcess = {
  readonly process: ChildProcess
  /** All its messages so far. */
  readonly messages: ReadonlyArray<WorkMessage>
  /** Resolves when each of `count` commands has printed `ready`. */
  readonly ready: (count: number) => Promise<void>
  /** The pids that the commands have printed. */
  readonly pids: () => ReadonlyArray<number>
  readonly ended: Promise<number | null>
}

/** Starts a worker process; see programs/handle-tasks.mjs. `launcher`: a program that runs it, with its arguments. */
export const startWorkProcess = async (
  commands: ReadonlyArray<ReadonlyArray<string>>,
  launcher: ReadonlyArray<string> = [],
): Promise<WorkProcess> => {
  const words = [
    ...launcher,
    process.execPath,
    resolvePath('../programs/handle-tasks.mjs'),
    await handlerBundle(),
    '.',
    JSON.stringify(commands),
  ]
  const child = spawn(words[0] ?? '', words.slice(1), { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const messages: Array<WorkMessage> = []
  let onMessage = (): void => undefined
  createInterface({ input: child.stdout }).on('line', line => {
    messages.push(JSON.parse(line) as WorkMessage)
    onMessage()
  })
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  const count = (): number => messages.filter(({ line }) => line === 'ready').length
  return {
    process: child,
    messages,
    ready: async wanted => {
      while (count() < wanted) await new Promise<void>(resolve => (onMessage = resolve))
    },
    pids: () => messages.flatMap(({ line = '' }) => (/^\d+$/.test(line) ? [Number(line)] : [])),
    ended,
  }
}
