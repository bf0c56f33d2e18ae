import { spawn } from 'node:child_process'
import { join } from 'node:path'
import xterm from '@xterm/headless'
import { root } from './page-directory.mjs'

/**
 * Characters of a row of a terminal that look the same: `color` is the number of an ANSI colour.
 * @typedef {{ text: string, column: number, bold: boolean, dim: boolean, color: number | undefined }} Run
 */

/** The prompts of the shell: for a command, and for the rest of one. */
const prompts = ['$ ', '> ']

/**
 * Types lines at a shell on a real terminal; returns the rows that it shows from the line `from` on.
 * @param {string[]} lines
 * @param {{ columns: number, from: string, dir: import('./page-directory.mjs').PageDirectory }} options
 * @returns {Promise<Run[][]>}
 */
export const recordTerminal = async (lines, { columns, from, dir }) => {
  const { NO_COLOR: _, ...inherited } = dir.env
  const env = { ...inherited, TERM: 'xterm-256color', PS1: prompts[0], PS2: prompts[1] }
  const size = ['40', String(columns)]
  // Without job control, the shell does not print the ids of background processes.
  const shell = [join(root, 'test/programs/on-a-terminal.py'), ...size, 'sh', '+m', '-i']
  const child = spawn('python3', shell, {
    cwd: dir.project,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  const terminal = new xterm.Terminal({ cols: columns, rows: 40, scrollback: 1000, allowProposedApi: true })
  const { active } = terminal.buffer
  const pending = [...lines]
  let [firstRow, endRow] = [0, 0]
  for await (const chunk of child.stdout) {
    await new Promise(resolve => terminal.write(chunk, () => resolve(undefined)))
    const row = active.baseY + active.cursorY
    const shown = active.getLine(row)?.translateToString(false, 0, active.cursorX) ?? ''
    if (!prompts.includes(shown)) continue
    const line = pending.shift()
    if (line === from) firstRow = row
    endRow = row
    if (line === undefined) child.stdin.end('\u0004')
    else child.stdin.write(`${line}\n`)
  }
  const rows = Array.from({ length: endRow - firstRow }, (_, i) => readRow(active, firstRow + i))
  terminal.dispose()
  return rows
}

/**
 * @param {xterm.IBuffer} buffer
 * @param {number} row
 * @returns {Run[]}
 */
const readRow = (buffer, row) => {
  const line = buffer.getLine(row)
  /** @type {Run[]} */
  const runs = []
  for (let column = 0; line !== undefined && column < line.length; column += 1) {
    const cell = line.getCell(column)
    if (cell === undefined || cell.getChars() === '') continue
    const [bold, dim] = [cell.isBold() !== 0, cell.isDim() !== 0]
    const color = cell.isFgPalette() ? cell.getFgColor() : undefined
    const last = runs.at(-1)
    const looksTheSame = last?.bold === bold && last.dim === dim && last.color === color
    if (last !== undefined && looksTheSame && column === last.column + last.text.length) last.text += cell.getChars()
    else runs.push({ text: cell.getChars(), column, bold, dim, color })
  }
  return runs
}
