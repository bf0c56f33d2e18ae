import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finished, run } from '../support/claimlog-process.ts'
import type { CliWorkspace } from '../support/cli-workspace.ts'

/** A system call of any thread, on the log or on stdout, with the lines of the trace where it began and ended. */
export type LogCall = {
  readonly what: 'lock' | 'unlock' | 'write' | 'sync' | 'answer'
  /** The line of strace, which includes the written data. */
  readonly text: string
  readonly began: number
  readonly ended: number
}

const traceFlags = ['-f', '-y', '-s', '65536', '-e', 'trace=flock,write,pwrite64,writev,pwritev,fdatasync,fsync']

/** Runs a program on the workspace and traces all its threads. */
export const tracedLog = async (
  { cwd, dir }: CliWorkspace,
  command: string,
  words: ReadonlyArray<string>,
): Promise<{ readonly finished: Finished; readonly calls: ReadonlyArray<LogCall> }> => {
  const trace = join(cwd, 'trace')
  const finished = await run('strace', ['-o', trace, ...traceFlags, command, ...words], { cwd })
  return { finished, calls: logCalls(readFileSync(trace, 'utf8'), join(dir, 'events.jsonl')) }
}

/** strace prints a call that another thread interrupts as two lines; the second one only ends it. */
const logCalls = (trace: string, logPath: string): ReadonlyArray<LogCall> => {
  const lines = trace.split('\n').map(line => /^(\d+) +(.*)$/.exec(line) ?? ['', '', ''])
  return lines.flatMap(([, thread, text = ''], began) => {
    const what = whatIs(text, logPath)
    if (what === undefined) return []
    const resumed = ([, other, rest = '']: ReadonlyArray<string>, i: number): boolean =>
      i > began && other === thread && rest.startsWith('<... ')
    const ended = text.endsWith('<unfinished ...>') ? lines.findIndex(resumed) : began
    return [{ what, text, began, ended }]
  })
}

const whatIs = (text: string, logPath: string): LogCall['what'] | undefined => {
  if (/^writev?\(1</.test(text)) return 'answer'
  if (!text.includes(`<${logPath}>`)) return undefined
  if (text.startsWith('flock(')) return text.includes('LOCK_UN') ? 'unlock' : 'lock'
  return /^p?write/.test(text) ? 'write' : 'sync'
}
