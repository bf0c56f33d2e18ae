import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const commandMsMax = 60_000

/**
 * The result of a command: its output as a terminal would show it, with stderr after stdout, and its exit code.
 * @typedef {{ output: string, status: number }} CommandResult
 */

/**
 * A shell in which the commands of a page are typed: variables, directory and background processes stay until the end.
 * @typedef {{ run: (command: string) => Promise<CommandResult>, runScript: (text: string) => Promise<CommandResult> }} PageShell
 */

/**
 * Runs `work` with a shell in the project of `dir`; kills afterwards what still runs in it.
 * @template A
 * @param {import('./page-directory.mjs').PageDirectory} dir
 * @param {(shell: PageShell) => Promise<A>} work
 * @returns {Promise<A>}
 */
export const withShell = async (dir, work) => {
  const streams = ['stdout', 'stderr'].map(name => ({ path: join(dir.root, name), length: 0 }))
  const descriptors = streams.map(({ path }) => openSync(path, 'a'))
  const shell = spawn('sh', [], {
    cwd: dir.project,
    env: dir.env,
    detached: true,
    stdio: ['pipe', ...descriptors, 'pipe'],
  })
  descriptors.forEach(closeSync)
  const exited = once(shell, 'exit')
  const statuses = createInterface({ input: /** @type {import('node:stream').Readable} */ (shell.stdio[3]) })[
    Symbol.asyncIterator
  ]()

  /** The output since the previous call, with the paths that a reader would see. */
  const readOutput = () =>
    streams
      .map(stream => {
        const bytes = readFileSync(stream.path)
        const text = bytes.subarray(stream.length).toString()
        stream.length = bytes.length
        return text
      })
      .join('')
      .replaceAll(dir.root, '')

  /** @param {string} lines @param {string} command */
  const type = async (lines, command) => {
    shell.stdin?.write(`${lines}\necho "$?" >&3\n`)
    const timer = setTimeout(() => kill(shell), commandMsMax)
    const { value } = await statuses.next()
    clearTimeout(timer)
    if (value !== undefined) return { output: readOutput(), status: Number(value) }
    const [code, signal] = await exited
    if (signal === null) return { output: readOutput(), status: code }
    throw new Error(`${command}\ndid not end within ${commandMsMax / 1000} s\n${readOutput()}`)
  }

  try {
    return await work({
      run: command => type(`command eval ${quote(command)} </dev/null 3>&-`, command),
      // Ends the shell with the first command that fails.
      runScript: text => type(`set -e\neval ${quote(text)} </dev/null 3>&-\nset +e`, text),
    })
  } finally {
    kill(shell)
    await exited
  }
}

/** @param {string} text */
const quote = text => `'${text.replaceAll("'", `'\\''`)}'`

/** @param {import('node:child_process').ChildProcess} shell */
const kill = ({ pid = 0 }) => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing runs any more.
  }
}
