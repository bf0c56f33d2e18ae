import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const started = (program: string, words: ReadonlyArray<string>): ChildProcess => {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, [path, ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Another process that holds the lock of a file. */
export type LockHolder = {
  readonly pid: number
  /** Releases the lock; resolves once that is done. */
  readonly letGo: () => Promise<void>
}

/** Starts a process that locks the file at `path`, which it opens with `flags`; resolves once it has the lock. */
export const lockHeldByAnother = async (path: string, flags = 'r+'): Promise<LockHolder> => {
  const child = started('hold-lock-process.mjs', [path, flags])
  await said(child, 'held\n')
  return {
    pid: child.pid as number,
    letGo: async () => {
      child.stdin?.end()
      await said(child, 'released\n')
    },
  }
}

const said = async (child: ChildProcess, expected: string): Promise<void> => {
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  if (chunk.toString() !== expected) throw new Error(`expected ${expected}, got ${chunk.toString()}`)
}

/** The output of a program until it ends, also if it fails. */
export const printedBy = async (program: string, words: ReadonlyArray<string>): Promise<string> => {
  const child = started(program, words)
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await once(child, 'close')
  return printed
}
