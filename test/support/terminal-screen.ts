import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'
import { cleanEnvironment } from './claimlog-process.ts'
import { slowPoll } from './worker-command.ts'

/** A command that runs on a pseudoterminal. */
export type TerminalCommand = {
  /** The lines that the terminal shows now, without trailing blanks. */
  readonly screen: () => ReadonlyArray<string>
  /** Resolves once a visible line matches. */
  readonly waitForLine: (line: RegExp) => Promise<void>
  readonly type: (keys: string) => void
  readonly exitCode: Promise<number | null>
}

/** Runs a command on a terminal with 24 rows. */
export const startOnTerminal = (
  command: ReadonlyArray<string>,
  { cwd, columns }: { readonly cwd: string; readonly columns: number },
): TerminalCommand => {
  const program = fileURLToPath(new URL('../programs/on-a-terminal.py', import.meta.url))
  const env = cleanEnvironment({ NO_COLOR: '1', TERM: 'xterm' })
  const child = spawn('python3', [program, '24', String(columns), ...command], { cwd, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exitCode = new Promise<number | null>(resolve => child.on('close', resolve))
  const screen = (): ReadonlyArray<string> => renderScreen(output)
  return {
    screen,
    waitForLine: async line => {
      await vi.waitUntil(() => screen().some(each => line.test(each)), slowPoll)
    },
    type: keys => void child.stdin.write(keys),
    exitCode,
  }
}

/** The lines of a terminal after this output. Supports line breaks, cursor up and erase below; has unlimited rows. */
const renderScreen = (output: string): ReadonlyArray<string> => {
  const lines = ['']
  let [row, column] = [0, 0]
  for (const [part, upwardRows] of output.matchAll(
    /\u001b\[(\d+)A|\u001b\[J|\u001b\[[\d;]*m|\r|\n|[^\u001b\r\n]+|\u001b/g,
  )) {
    if (upwardRows !== undefined) row = Math.max(0, row - Number(upwardRows))
    else if (part === '\r') column = 0
    else if (part === '\n') {
      row += 1
      lines[row] ??= ''
    } else if (part === '\u001b[J') {
      lines.splice(row + 1)
      lines[row] = (lines[row] ?? '').slice(0, column)
    } else if (part === '\u001b') throw new Error(`unsupported escape sequence: ${JSON.stringify(output)}`)
    else if (!part.startsWith('\u001b')) {
      const before = (lines[row] ?? '').padEnd(column)
      lines[row] = before.slice(0, column) + part + before.slice(column + part.length)
      column += part.length
    }
  }
  return lines.map(line => line.trimEnd())
}
