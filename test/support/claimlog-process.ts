import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { claimlogPath } from './claimlog-path.ts'
import { expectOutputSchema } from './output-schemas.ts'

export { claimlogPath }

/** The result of a process. `status` is null if a signal ended it. */
export type ProcessResult = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

export type ProcessOptions = {
  readonly cwd: string
  /** All of stdin; empty by default. */
  readonly input?: string | Uint8Array
  /** Added to the environment, which has no claimlog settings. */
  readonly env?: Readonly<Record<string, string>>
}

/** Variables that change claimlog's output or how fast Node starts, and those that agents set. */
const inheritedSettings =
  /^(CLAIMLOG_.*|NODE_EXTRA_CA_CERTS|NO_COLOR|FORCE_COLOR|CLAUDECODE|CURSOR_AGENT|GEMINI_CLI|CODEX_.*)$/

/** The environment without the claimlog settings from outside the test. */
export const cleanEnvironment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !inheritedSettings.test(name))),
  ...extra,
})

/** Runs a program until it exits. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  { cwd, input = '', env = {} }: ProcessOptions,
): Promise<ProcessResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: cleanEnvironment(env) })
    const stdout: Array<Buffer> = []
    const stderr: Array<Buffer> = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', status =>
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
    // A command may exit without reading its stdin: that does not fail the test.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })

/** Runs `claimlog` with `args` until it exits; throws if its JSON output does not match the published schemas. */
export const claimlog = async (args: ReadonlyArray<string>, options: ProcessOptions): Promise<ProcessResult> => {
  const result = await run(process.execPath, [claimlogPath, ...args], options)
  // A signal may have interrupted it in the middle of a document.
  if (result.status !== null) expectOutputSchema(args, result.stdout)
  return result
}

/** The JSON document that a command printed. */
export const parseOutput = ({ status, stdout, stderr }: ProcessResult): Record<string, unknown> => {
  try {
    return JSON.parse(stdout) as Record<string, unknown>
  } catch {
    throw new Error(`no JSON document on stdout (exit ${status}): ${stdout}\n${stderr}`)
  }
}

/** An empty directory, deleted after the test. */
export const temporaryDirectory = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-test-'))
  // A process that was just killed may still be writing its last file.
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 10 }))
  return dir
}
