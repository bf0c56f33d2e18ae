import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProcessResult, run } from '../support/claimlog-process.ts'
import type { CliWorkspace } from '../support/cli-workspace.ts'

/** A system call of any thread, on the log or on stdout, with the lines of the trace where it began and ended. */
export type LogCall = {
  readonly operation: 'lock' | 'unlock' | 'write' | 'sync' | 'answer'
  /** The line of strace, which includes the written data. */
  readonly text: string
  readonly startLine: number
  readonly endLine: number
}

const traceFlags = ['-f', '-y', '-s', '65536', '-e', 'trace=flock,write,pwrite64,writev,pwritev,fdatasync,fsync']

/** Runs a program on the workspace and traces all its threads. */
export const traceLogCalls = async (
  { cwd, dir }: CliWorkspace,
  command: string,
  args: ReadonlyArray<string>,
): Promise<{ readonly result: ProcessResult; readonly calls: ReadonlyArray<LogCall> }> => {
  const trace = join(cwd, 'trace')
  const result = await run('strace', ['-o', trace, ...traceFlags, command, ...args], { cwd })
  return { result, calls: parseLogCalls(readFileSync(trace, 'utf8'), join(dir, 'events.jsonl')) }
}

/** strace prints a call that another thread interrupts as two lines; the second one only ends it. */
const parseLogCalls = (trace: string, logPath: string): ReadonlyArray<LogCall> => {
  const lines = trace.split('\n').map(line => /^(\d+) +(.*)$/.exec(line) ?? ['', '', ''])
  return lines.flatMap(([, thread, text = ''], startLine) => {
    const operation = classifyCall(text, logPath)
    if (operation === undefined) return []
    const isResumption = ([, other, rest = '']: ReadonlyArray<string>, i: number): boolean =>
      i > startLine && other === thread && rest.startsWith('<... ')
    const endLine = text.endsWith('<unfinished ...>') ? lines.findIndex(isResumption) : startLine
    return [{ operation, text, startLine, endLine }]
  })
}

const classifyCall = (text: string, logPath: string): LogCall['operation'] | undefined => {
  if (/^writev?\(1</.test(text)) return 'answer'
  if (!text.includes(`<${logPath}>`)) return undefined
  if (text.startsWith('flock(')) return text.includes('LOCK_UN') ? 'unlock' : 'lock'
  return /^p?write/.test(text) ? 'write' : 'sync'
}
