import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const startProgram = (program: string, args: ReadonlyArray<string>): ChildProcess => {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Another process that holds the lock of a file. */
export type LockingProcess = {
  readonly pid: number
  /** Releases the lock; resolves once that is done. */
  readonly release: () => Promise<void>
}

/** Starts a process that locks the file at `path`, which it opens with `flags`; resolves once it has the lock. */
export const startLockingProcess = async (path: string, flags = 'r+'): Promise<LockingProcess> => {
  const child = startProgram('hold-lock-process.mjs', [path, flags])
  await waitForOutput(child, 'held\n')
  return {
    pid: child.pid as number,
    release: async () => {
      child.stdin?.end()
      await waitForOutput(child, 'released\n')
    },
  }
}

const waitForOutput = async (child: ChildProcess, expected: string): Promise<void> => {
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  if (chunk.toString() !== expected) throw new Error(`expected ${expected}, got ${chunk.toString()}`)
}

/** The output of a program until it ends, also if it fails. */
export const runToEnd = async (program: string, args: ReadonlyArray<string>): Promise<string> => {
  const child = startProgram(program, args)
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  await once(child, 'close')
  return output
}
